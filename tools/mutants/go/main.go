// Prints the changes that the rules make of Go files, and the files with all changes, as JSON.
//
//	go run . [-without ID,ID...] FILE...
//
// A file with all changes chooses between them by a number; 0 chooses none. Changes of -without,
// which the compiler refuses, are left out of it.
//
// A change is a range of octets of a file, and the text that replaces it. The rules are those of
// rules.py, which names them; a rule looks at one node of the syntax tree, and knows no types. A
// change that the compiler refuses is dropped when it is tried, so a rule rather keeps the names
// that a statement uses: `if false { ... }` deletes it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
)

// Change is one mutation of one file. Its number is 0 if the file with all changes lacks it.
type Change struct {
	Number   int    `json:"number"`
	File     string `json:"file"`
	Operator string `json:"operator"`
	Variant  string `json:"variant"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Text     string `json:"text"`
}

// Answer is what is printed.
type Answer struct {
	Changes []Change          `json:"changes"`
	Files   map[string]string `json:"files"`
}

// source is a parsed file, with the changes found in it.
type source struct {
	path    string
	octets  []byte
	set     *token.FileSet
	groups  map[string]string // a constant of an iota group, and the next one of its group
	parents []ast.Node        // the nodes around the visited one
	visited ast.Node
	first   int // the number of the first change
	without map[int]bool
	changes []Change
	sites   []*site
}

func main() {
	refused := flag.String("without", "", "numbers of changes to leave out")
	flag.Parse()
	without := map[int]bool{}
	for _, each := range strings.Split(*refused, ",") {
		number, _ := strconv.Atoi(each)
		without[number] = true
	}
	answer := Answer{Changes: []Change{}, Files: map[string]string{}}
	for _, path := range flag.Args() {
		s := &source{path: path, first: len(answer.Changes) + 1, without: without}
		if err := s.read(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		answer.Changes = append(answer.Changes, s.changes...)
		answer.Files[path] = s.instrumented()
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// read finds the changes of a file.
func (s *source) read() error {
	octets, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	s.octets, s.set = octets, token.NewFileSet()
	file, err := parser.ParseFile(s.set, s.path, octets, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	s.groups = groupsOf(file)
	ast.Inspect(file, func(node ast.Node) bool {
		if node == nil {
			s.parents = s.parents[:len(s.parents)-1]
			return true
		}
		if _, isImport := node.(*ast.ImportSpec); isImport {
			return false
		}
		s.visited = node
		s.visit(node)
		s.parents = append(s.parents, node)
		return true
	})
	return nil
}

// groupsOf returns, for each constant of a group with iota, the next one of the group.
func groupsOf(file *ast.File) map[string]string {
	next := map[string]string{}
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST || !usesIota(group) {
			continue
		}
		var names []string
		for _, spec := range group.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				if name.Name != "_" {
					names = append(names, name.Name)
				}
			}
		}
		for i, name := range names {
			if len(names) > 1 {
				next[name] = names[(i+1)%len(names)]
			}
		}
	}
	return next
}

func usesIota(group *ast.GenDecl) bool {
	found := false
	ast.Inspect(group, func(node ast.Node) bool {
		name, ok := node.(*ast.Ident)
		found = found || ok && name.Name == "iota"
		return true
	})
	return found
}

// parent returns the node n levels above the visited one; nil outside of the file.
func (s *source) parent(n int) ast.Node {
	if n > len(s.parents) {
		return nil
	}
	return s.parents[len(s.parents)-n]
}

func (s *source) isInFunction() bool {
	for _, each := range s.parents {
		switch each.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return true
		}
	}
	return false
}

func (s *source) index(at token.Pos) int { return s.set.Position(at).Offset }

func (s *source) text(node ast.Node) string {
	return string(s.octets[s.index(node.Pos()):s.index(node.End())])
}

func (s *source) add(operator, variant string, start, end token.Pos, text string) {
	change := Change{
		File: s.path, Operator: operator, Variant: variant,
		Start: s.index(start), End: s.index(end), Text: text,
	}
	number := s.first + len(s.changes)
	at := s.siteOf(change.Start)
	isInside := at.start <= change.Start && change.End <= at.end
	if at.kind == declaration {
		isInside = isInside && change.Start >= at.assign+2
	}
	if at.kind != noSite && isInside && !s.without[number] {
		change.Number = number
		s.siteAt(at).add(number)
	}
	s.changes = append(s.changes, change)
}

// siteAt returns the site that is known, or the new one.
func (s *source) siteAt(at site) *site {
	for _, known := range s.sites {
		if known.kind == at.kind && known.start == at.start && known.end == at.end {
			return known
		}
	}
	s.sites = append(s.sites, &at)
	return &at
}

func (at *site) add(number int) { at.changes = append(at.changes, number) }

func (s *source) replace(operator, variant string, node ast.Node, text string) {
	s.add(operator, variant, node.Pos(), node.End(), text)
}
