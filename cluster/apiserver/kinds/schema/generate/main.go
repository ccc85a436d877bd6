package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"
)

type pkg struct {
	name  string
	types map[string]*ast.TypeSpec
	imps  map[string]map[string]string // type name -> alias -> path
}

var pkgs = map[string]*pkg{}
var short = map[string]string{}

func load(path, dir, name string) {
	p := &pkg{name: name, types: map[string]*ast.TypeSpec{}, imps: map[string]map[string]string{}}
	fs := token.NewFileSet()
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || strings.Contains(f, "zz_generated") || strings.Contains(f, "generated.pb") { continue }
		a, err := parser.ParseFile(fs, f, nil, parser.ParseComments)
		if err != nil { panic(err) }
		imps := map[string]string{}
		for _, i := range a.Imports {
			ip := strings.Trim(i.Path.Value, `"`)
			al := filepath.Base(ip)
			if i.Name != nil { al = i.Name.Name }
			imps[al] = ip
		}
		for _, d := range a.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE { continue }
			for _, s := range g.Specs {
				t := s.(*ast.TypeSpec)
				p.types[t.Name.Name] = t
				p.imps[t.Name.Name] = imps
			}
		}
	}
	pkgs[path] = p
	short[path] = name
}

type field struct{ json, typ, flags string }

var done = map[string]bool{}
var out = map[string][]string{}
var order = map[string][]string{}

const meta = "k8s.io/apimachinery/pkg/apis/meta/v1"

func special(path, name string) string {
	switch name {
	case "Quantity": if strings.HasSuffix(path, "api/resource") { return "quantity" }
	case "IntOrString": return "intOrString"
	case "RawExtension", "FieldsV1": return "raw"
	case "UID", "NodeName": if strings.HasSuffix(path, "pkg/types") { return "string/types." + name }
	}
	if path == meta {
		switch name {
		case "Time": return "time"
		case "MicroTime": return "microTime"
		case "Duration": return "string"
		case "Timestamp": return "raw"
		}
	}
	return ""
}

// resolve gives the text of a type, and whether it is a pointer
func resolve(path, owner string, e ast.Expr) (string, bool) {
	p := pkgs[path]
	switch t := e.(type) {
	case *ast.StarExpr:
		s, _ := resolve(path, owner, t.X)
		return s, true
	case *ast.ArrayType:
		if id, ok := t.Elt.(*ast.Ident); ok && id.Name == "byte" { return "bytes", false }
		s, _ := resolve(path, owner, t.Elt)
		return "[]" + s, false
	case *ast.MapType:
		s, _ := resolve(path, owner, t.Value)
		return "{}" + s, false
	case *ast.SelectorExpr:
		al := t.X.(*ast.Ident).Name
		ip := p.imps[owner][al]
		return named(ip, t.Sel.Name)
	case *ast.Ident:
		switch t.Name {
		case "string", "int32", "int64", "bool", "float64", "int", "uint32", "uint8": return t.Name, false
		}
		return named(path, t.Name)
	case *ast.StructType:
		return "struct", false
	}
	return fmt.Sprintf("?%T", e), false
}

func named(path, name string) (string, bool) {
	if s := special(path, name); s != "" { return s, false }
	p := pkgs[path]
	if p == nil { return "?" + path + "." + name, false }
	t := p.types[name]
	if t == nil { return "?" + path + "." + name, false }
	if _, ok := t.Type.(*ast.StructType); ok {
		visit(path, name)
		return short[path] + "." + name, false
	}
	s, ptr := resolve(path, name, t.Type)
	if id, ok := t.Type.(*ast.Ident); ok && !strings.Contains(s, "/") && id.Name == s {
		return s + "/" + filepath.Base(path) + "." + name, ptr
	}
	return s, ptr
}

var listType = regexp.MustCompile(`\+listType=(\w+)`)
var listMapKey = regexp.MustCompile(`\+listMapKey=(\w+)`)
var structType = regexp.MustCompile(`\+structType=(\w+)`)
var mapType = regexp.MustCompile(`\+mapType=(\w+)`)

func fieldsOf(path, name string) []field {
	p := pkgs[path]
	st := p.types[name].Type.(*ast.StructType)
	var fs []field
	for _, f := range st.Fields.List {
		tag := reflect.StructTag("")
		if f.Tag != nil { tag = reflect.StructTag(strings.Trim(f.Tag.Value, "`")) }
		js := tag.Get("json")
		parts := strings.Split(js, ",")
		pb := strings.Split(tag.Get("protobuf"), ",")
		num := ""
		if len(pb) > 1 { num = pb[1] }
		if strings.Contains(js, "inline") || (len(f.Names) == 0 && parts[0] == "") {
			// embedded
			var ip, nm string
			ft := f.Type
			if st, ok := ft.(*ast.StarExpr); ok { ft = st.X }
			switch t := ft.(type) {
			case *ast.SelectorExpr:
				ip, nm = p.imps[name][t.X.(*ast.Ident).Name], t.Sel.Name
			case *ast.Ident:
				ip, nm = path, t.Name
			}
			if nm == "TypeMeta" {
				fs = append(fs, field{"kind", "string", ""}, field{"apiVersion", "string", ""})
				continue
			}
			sub := fieldsOf(ip, nm)
			for i := range sub { if num != "" { sub[i].flags += " ^" + num } }
			fs = append(fs, sub...)
			continue
		}
		if parts[0] == "" || parts[0] == "-" { continue }
		typ, ptr := resolve(path, name, f.Type)
		flags := ""
		if num != "" { flags += " #" + num }
		isOmit := false
		for _, o := range parts[1:] { if o == "omitempty" || o == "omitzero" { isOmit = true } }
		isStruct := strings.Contains(typ, ".") && !strings.Contains(typ, "/") && !strings.HasPrefix(typ, "[]") && !strings.HasPrefix(typ, "{}")
		// encoding/json never omits a struct by omitempty
		hasZero := false
		for _, o := range parts[1:] { if o == "omitzero" { hasZero = true } }
		if ptr { flags += " *" }
		if !isOmit || (isStruct && !ptr && !hasZero) || ((typ == "time" || typ == "microTime") && !ptr && !hasZero) { flags += " !" }
		ps := tag.Get("patchStrategy")
		if strings.Contains(ps, "merge") {
			k := tag.Get("patchMergeKey")
			flags += " =" + k
		}
		if strings.Contains(ps, "retainKeys") { flags += " ~" }
		doc := ""
		if f.Doc != nil { for _, c := range f.Doc.List { doc += c.Text + "\n" } }
		if m := listType.FindStringSubmatch(doc); m != nil {
			if m[1] == "map" {
				ks := []string{}
				for _, k := range listMapKey.FindAllStringSubmatch(doc, -1) { ks = append(ks, k[1]) }
				flags += " @" + strings.Join(ks, ",")
			} else if m[1] == "set" { flags += " @set" }
		}
		if m := structType.FindStringSubmatch(doc); m != nil && m[1] == "atomic" { flags += " @atomic" }
		if m := mapType.FindStringSubmatch(doc); m != nil && m[1] == "atomic" { flags += " @atomic" }
		fs = append(fs, field{parts[0], typ, flags})
	}
	return fs
}

func visit(path, name string) {
	key := path + "." + name
	if done[key] { return }
	done[key] = true
	fs := fieldsOf(path, name)
	atomic := ""
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n", name, atomic)
	for _, f := range fs {
		typ := f.typ
		// own package: leave out the prefix
		typ = strings.Replace(typ, short[path]+".", ".", 1)
		fmt.Fprintf(&b, " %s %s%s\n", f.json, typ, f.flags)
	}
	out[path] = append(out[path], b.String())
}

func main() {
	mod := os.Args[1]
	api := mod + "/k8s.io/api@v0.37.2/"
	load(meta, mod+"/k8s.io/apimachinery@v0.37.2/pkg/apis/meta/v1", "meta")
	type g struct{ path, name, kinds string }
	groups := []g{
		{"core/v1", "core", "Pod Node Namespace Service ReplicationController PersistentVolumeClaim PersistentVolume Endpoints Event ConfigMap Secret ServiceAccount ResourceQuota LimitRange Binding PodTemplate ComponentStatus"},
		{"apps/v1", "apps", "Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision"},
		{"batch/v1", "batch", "Job CronJob"},
		{"policy/v1", "policy", "PodDisruptionBudget Eviction"},
		{"storage/v1", "storage", "StorageClass CSINode CSIDriver CSIStorageCapacity VolumeAttachment VolumeAttributesClass"},
		{"resource/v1", "resource", "ResourceClaim ResourceClaimTemplate ResourceSlice DeviceClass DeviceTaintRule"},
		{"scheduling/v1", "scheduling", "PriorityClass"},
		{"scheduling/v1beta1", "schedulingv1beta1", "PodGroup Workload"},
		{"scheduling/v1alpha3", "schedulingv1alpha3", "PodGroup Workload CompositePodGroup"},
		{"coordination/v1", "coordination", "Lease"},
		{"events/v1", "events", "Event"},
		{"discovery/v1", "discovery", "EndpointSlice"},
		{"authorization/v1", "authorization", "SelfSubjectAccessReview SubjectAccessReview LocalSubjectAccessReview SelfSubjectRulesReview"},
		{"authentication/v1", "authentication", "TokenReview TokenRequest SelfSubjectReview"},
		{"rbac/v1", "rbac", "Role ClusterRole RoleBinding ClusterRoleBinding"},
		{"autoscaling/v1", "autoscaling", "Scale HorizontalPodAutoscaler"},
		{"node/v1", "node", "RuntimeClass"},
	}
	for _, x := range groups { load("k8s.io/api/"+x.path, api+x.path, x.name) }
	visit(meta, "DeleteOptions"); visit(meta, "Status"); visit(meta, "ListMeta"); visit(meta, "LabelSelector")
	for _, x := range groups {
		for _, k := range strings.Fields(x.kinds) {
			if pkgs["k8s.io/api/"+x.path].types[k] == nil { fmt.Fprintln(os.Stderr, "missing", x.path, k); continue }
			visit("k8s.io/api/"+x.path, k)
		}
	}
	paths := []string{}
	for p := range out { paths = append(paths, p) }
	sort.Strings(paths)
	for _, p := range paths {
		sort.Strings(out[p])
		fmt.Printf("## %s\n%s", short[p], strings.Join(out[p], ""))
	}
}
