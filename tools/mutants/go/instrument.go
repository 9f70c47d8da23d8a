package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"sort"
	"strings"
)

// A site is the smallest part of a file that can be replaced by a choice between its mutants: a
// statement of a block, or a condition. The choice is made by a number, when the program runs, so
// all mutants of all sites share one build. Changes outside of a site, as of a constant, are built
// one by one.
type site struct {
	kind       siteKind
	start, end int
	assign     int // of a declaration: the index of `:=`
	changes    []int
}

type siteKind int

const (
	noSite siteKind = iota
	statement
	condition
	post
	declaration
)

// number is the name of the variable that chooses.
const number = "mutantNumber__"

// siteOf returns the innermost site around an index in the node that is visited.
func (s *source) siteOf(index int) site {
	chain := append(append([]ast.Node{}, s.parents...), s.visited)
	chain = append(chain, s.conditionAt(index)...)
	for i := len(chain) - 1; i > 0; i-- {
		each, parent := chain[i], chain[i-1]
		at := site{start: s.index(each.Pos()), end: s.index(each.End())}
		switch parent := parent.(type) {
		case *ast.IfStmt:
			if parent.Cond == each {
				at.kind = condition
				return at
			}
		case *ast.ForStmt:
			if parent.Cond == each {
				at.kind = condition
				return at
			}
			if parent.Post == each {
				at.kind = post
				return at
			}
		case *ast.CaseClause:
			_, isExpression := each.(ast.Expr)
			statement, isSwitch := chain[max(i-3, 0)].(*ast.SwitchStmt)
			if isExpression && isSwitch && statement.Tag == nil {
				at.kind = condition
				return at
			}
		}
		statement, isStatement := each.(ast.Stmt)
		if !isStatement {
			continue
		}
		if !isInList(parent) {
			return site{}
		}
		at.kind, at.assign = s.kindOf(statement)
		return at
	}
	return site{}
}

// conditionAt returns the condition of the visited statement that is at an index, if one is.
func (s *source) conditionAt(index int) []ast.Node {
	var found []ast.Node
	consider := func(each ast.Expr) {
		if each != nil && s.index(each.Pos()) <= index && index < s.index(each.End()) {
			found = append(found, each)
		}
	}
	switch node := s.visited.(type) {
	case *ast.IfStmt:
		consider(node.Cond)
	case *ast.ForStmt:
		consider(node.Cond)
	case *ast.CaseClause:
		for _, each := range node.List {
			consider(each)
		}
	}
	return found
}

func isInList(parent ast.Node) bool {
	switch parent.(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		return true
	}
	return false
}

func (s *source) kindOf(node ast.Stmt) (siteKind, int) {
	switch node := node.(type) {
	case *ast.AssignStmt:
		if node.Tok != token.DEFINE {
			return statement, 0
		}
		for _, value := range node.Rhs {
			if !isPure(value) {
				return noSite, 0
			}
		}
		return declaration, s.index(node.TokPos)
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.ReturnStmt, *ast.BranchStmt, *ast.DeferStmt:
		return statement, 0
	}
	return noSite, 0
}

// isPure tells a value that can be computed twice: it calls conversions and builtin functions only.
func isPure(value ast.Expr) bool {
	isPure := true
	ast.Inspect(value, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.CallExpr:
			name, ok := node.Fun.(*ast.Ident)
			isPure = isPure && ok && pure[name.Name]
		case *ast.FuncLit:
			isPure = false
		case *ast.UnaryExpr:
			isPure = isPure && node.Op != token.ARROW && node.Op != token.AND
		}
		return isPure
	})
	return isPure
}

var pure = map[string]bool{
	"len": true, "cap": true, "min": true, "max": true, "int": true, "int8": true, "int16": true,
	"int32": true, "int64": true, "uint": true, "uint8": true, "uint16": true, "uint32": true,
	"uint64": true, "byte": true, "rune": true, "string": true, "bool": true,
}

// instrumented returns the file with a choice at each site. Each mutant stands behind a comment
// with its number, so that an error of the compiler tells the mutant.
func (s *source) instrumented() string {
	sort.SliceStable(s.sites, func(i, j int) bool {
		a, b := s.sites[i], s.sites[j]
		return a.start < b.start || a.start == b.start && a.end > b.end
	})
	text, _ := s.rendered(0, len(s.octets), 0)
	return text
}

// rendered returns a part of the file, with choices at the sites from the given one on that are in
// it, and the first site behind it.
func (s *source) rendered(start, end, next int) (string, int) {
	var text strings.Builder
	for next < len(s.sites) && s.sites[next].start < end {
		at := s.sites[next]
		text.Write(s.octets[start:at.start])
		var inner string
		inner, next = s.rendered(at.start, at.end, next+1)
		text.WriteString(s.choice(at, inner))
		start = at.end
	}
	text.Write(s.octets[start:end])
	return text.String(), next
}

func (s *source) choice(at *site, otherwise string) string {
	var text strings.Builder
	say := func(format string, values ...any) { fmt.Fprintf(&text, format, values...) }
	for i, id := range at.changes {
		change := s.changes[id-s.first]
		changed := string(s.octets[at.start:change.Start]) + change.Text + string(s.octets[change.End:at.end])
		test := fmt.Sprintf("if %s == %d { //m%d\n", number, id, id)
		switch at.kind {
		case condition:
			say("%sreturn (%s)\n}\n", test, changed)
		case declaration:
			left := string(s.octets[at.start:at.assign])
			changed = left + "=" + changed[at.assign-at.start+2:]
			say("%s%s\n}\n", test, changed)
		default:
			if i > 0 {
				say(" else ")
			}
			say("%s%s\n}", test, changed)
		}
	}
	switch at.kind {
	case condition:
		return fmt.Sprintf("(func() bool {\n%s//m0\nreturn (%s)\n}())", &text, otherwise)
	case declaration:
		return fmt.Sprintf("%s\n%s//m0\n", otherwise, &text)
	case post:
		return fmt.Sprintf("func() {\n%s else { //m0\n%s\n}\n}()", &text, otherwise)
	}
	return fmt.Sprintf("%s else { //m0\n%s\n}", &text, otherwise)
}
