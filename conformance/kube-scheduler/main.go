// The real kube-scheduler v1.37.2, as a program of our own so that the Go module proxy is all it takes to build it. It
// proves that berth serve is honest: it schedules against berth's API server, and its placements must equal berth's.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	os.Exit(cli.Run(app.NewSchedulerCommand()))
}
