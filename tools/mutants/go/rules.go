package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"math/bits"
	"strconv"
	"strings"
)

// visit adds the changes of one node.
func (s *source) visit(node ast.Node) {
	switch node := node.(type) {
	case *ast.BasicLit:
		s.literal(node)
	case *ast.BinaryExpr:
		s.binary(node)
	case *ast.UnaryExpr:
		if node.Op == token.NOT {
			s.replace("logic", "not", node, s.text(node.X))
		}
	case *ast.Ident:
		s.name(node)
	case *ast.IfStmt:
		hasOne := node.Else == nil && len(node.Body.List) == 1
		s.condition(node.Cond, true, !hasOne)
	case *ast.ForStmt:
		if node.Cond != nil {
			s.condition(node.Cond, false, true)
		}
	case *ast.CaseClause:
		s.caseClause(node)
	case *ast.AssignStmt:
		s.assignment(node)
	case *ast.IncDecStmt:
		other := map[token.Token]string{token.INC: "--", token.DEC: "++"}[node.Tok]
		s.add("arithmetic", other, node.TokPos, node.End(), other)
		s.deletion(node)
	case *ast.ExprStmt, *ast.BranchStmt, *ast.DeferStmt:
		s.deletion(node.(ast.Stmt))
	case *ast.ReturnStmt:
		s.returned(node)
	case *ast.CompositeLit:
		s.members(node)
	case *ast.SliceExpr:
		s.bounds(node)
	}
}

// others are the operators that replace one, by rule.
var others = map[token.Token]struct {
	operator string
	texts    []string
}{
	token.LSS:     {"comparison", []string{"<=", ">="}},
	token.LEQ:     {"comparison", []string{"<", ">"}},
	token.GTR:     {"comparison", []string{">=", "<="}},
	token.GEQ:     {"comparison", []string{">", "<"}},
	token.EQL:     {"comparison", []string{"!="}},
	token.NEQ:     {"comparison", []string{"=="}},
	token.LAND:    {"logic", []string{"||"}},
	token.LOR:     {"logic", []string{"&&"}},
	token.ADD:     {"arithmetic", []string{"-"}},
	token.SUB:     {"arithmetic", []string{"+"}},
	token.MUL:     {"arithmetic", []string{"+"}},
	token.QUO:     {"arithmetic", []string{"*"}},
	token.REM:     {"arithmetic", []string{"/"}},
	token.SHL:     {"arithmetic", []string{">>"}},
	token.SHR:     {"arithmetic", []string{"<<"}},
	token.AND:     {"bits", []string{"|"}},
	token.OR:      {"bits", []string{"&"}},
	token.XOR:     {"bits", []string{"|"}},
	token.AND_NOT: {"bits", []string{"&"}},

	token.ADD_ASSIGN:     {"arithmetic", []string{"=", "-="}},
	token.SUB_ASSIGN:     {"arithmetic", []string{"=", "+="}},
	token.MUL_ASSIGN:     {"arithmetic", []string{"+="}},
	token.SHL_ASSIGN:     {"arithmetic", []string{">>="}},
	token.SHR_ASSIGN:     {"arithmetic", []string{"<<="}},
	token.OR_ASSIGN:      {"bits", []string{"=", "&="}},
	token.XOR_ASSIGN:     {"bits", []string{"=", "|="}},
	token.AND_ASSIGN:     {"bits", []string{"=", "|="}},
	token.AND_NOT_ASSIGN: {"bits", []string{"=", "&="}},
}

func (s *source) binary(node *ast.BinaryExpr) {
	isText := isString(node.X) || isString(node.Y)
	other := others[node.Op]
	for _, text := range other.texts {
		if other.operator != "arithmetic" || !isText {
			s.add(other.operator, text, node.OpPos, node.OpPos+token.Pos(len(node.Op.String())), text)
		}
	}
	// An operand that decides nothing.
	if node.Op == token.LAND || node.Op == token.LOR {
		free := map[token.Token]string{token.LAND: "true || ", token.LOR: "false && "}[node.Op]
		s.replace("logic", "without-left", node.X, "("+free+"("+s.text(node.X)+"))")
		s.replace("logic", "without-right", node.Y, "("+free+"("+s.text(node.Y)+"))")
	}
}

func isString(node ast.Expr) bool {
	literal, ok := node.(*ast.BasicLit)
	return ok && literal.Kind == token.STRING
}

func (s *source) literal(node *ast.BasicLit) {
	switch node.Kind {
	case token.STRING:
		if field, isField := s.parent(1).(*ast.Field); !(isField && field.Tag == node) && len(node.Value) > 2 {
			s.replace("string", "", node, `""`)
		}
	case token.CHAR:
		s.replace("number", "more", node, "("+node.Value+" + 1)")
		s.replace("number", "less", node, "("+node.Value+" - 1)")
	case token.INT:
		value, err := strconv.ParseUint(node.Value, 0, 63)
		if err != nil {
			return
		}
		if s.isMask(node) {
			s.mask(node, value)
			return
		}
		show := func(value uint64) string { return strconv.FormatUint(value, 10) }
		if strings.HasPrefix(node.Value, "0x") {
			show = func(value uint64) string { return fmt.Sprintf("%#x", value) }
		}
		s.replace("number", "more", node, show(value+1))
		if value > 0 {
			s.replace("number", "less", node, show(value-1))
		}
	}
}

// isMask tells a hexadecimal number beside an operator of bits, or of a constant, from others.
func (s *source) isMask(node *ast.BasicLit) bool {
	if !strings.HasPrefix(node.Value, "0x") {
		return false
	}
	switch parent := s.parent(1).(type) {
	case *ast.BinaryExpr:
		return others[parent.Op].operator == "bits"
	case *ast.AssignStmt:
		return others[parent.Tok].operator == "bits"
	case *ast.ValueSpec:
		group, ok := s.parent(2).(*ast.GenDecl)
		return ok && group.Tok == token.CONST
	}
	return false
}

func (s *source) mask(node *ast.BasicLit, value uint64) {
	set := func(variant string, value uint64) {
		s.replace("mask", variant, node, fmt.Sprintf("%#x", value))
	}
	lowest := value & -value
	above := uint64(1) << bits.Len64(value)
	set("more-above", value|above)
	set("more", value|^value&(value+1))
	if value != lowest {
		set("less", value&^lowest)
		set("less-above", value&^(above>>1))
	} else {
		set("up", value<<1)
		set("down", value>>1)
	}
}

// name swaps true and false, and a constant of a group with the next one.
func (s *source) name(node *ast.Ident) {
	if !s.isInFunction() {
		return
	}
	switch parent := s.parent(1).(type) {
	case *ast.SelectorExpr:
		if parent.Sel == node {
			return
		}
	case *ast.KeyValueExpr:
		if parent.Key == node {
			return
		}
	}
	switch node.Name {
	case "true":
		s.replace("choice", "", node, "false")
	case "false":
		s.replace("choice", "", node, "true")
	default:
		if next, ok := s.groups[node.Name]; ok {
			s.replace("state", next, node, next)
		}
	}
}

// condition negates a condition, or decides it.
func (s *source) condition(node ast.Expr, always, never bool) {
	text := s.text(node)
	comparison, isOne := node.(*ast.BinaryExpr)
	unary, isUnary := node.(*ast.UnaryExpr)
	isCovered := isOne && (comparison.Op == token.EQL || comparison.Op == token.NEQ) ||
		isUnary && unary.Op == token.NOT
	if !isCovered {
		s.replace("condition", "not", node, "!("+text+")")
	}
	if always {
		s.replace("condition", "always", node, "(true || ("+text+"))")
	}
	if never {
		s.replace("condition", "never", node, "(false && ("+text+"))")
	}
}

// caseClause takes a value from a list, and the conditions of a switch without a value.
func (s *source) caseClause(node *ast.CaseClause) {
	statement, ok := s.parent(2).(*ast.SwitchStmt)
	if ok && statement.Tag == nil {
		for _, each := range node.List {
			s.condition(each, true, true)
		}
	} else if len(node.List) > 1 {
		s.withoutOne("word", node.List, node.List[0].Pos(), node.List[len(node.List)-1].End())
	}
}

func (s *source) assignment(node *ast.AssignStmt) {
	other := others[node.Tok]
	if len(node.Rhs) != 1 || !isString(node.Rhs[0]) || other.operator == "bits" {
		for _, text := range other.texts {
			s.add(other.operator, text, node.TokPos, node.TokPos+token.Pos(len(node.Tok.String())), text)
		}
	}
	if node.Tok != token.DEFINE {
		s.deletion(node)
	}
}

// deletion deletes a statement of a block.
func (s *source) deletion(node ast.Stmt) {
	switch s.parent(1).(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		s.replace("statement", "", node, "if false { "+s.text(node)+" }")
	}
}

// returned deletes a return, or returns the zero value of a type, or the other truth value.
func (s *source) returned(node *ast.ReturnStmt) {
	results, isLast := s.results(node)
	if !isLast || len(results) == 0 {
		s.deletion(node)
	}
	if len(results) != len(node.Results) {
		return
	}
	for i, each := range node.Results {
		text := s.text(each)
		kind := s.text(results[i])
		variant := ""
		if len(results) > 1 {
			variant = strconv.Itoa(i)
		}
		switch {
		case kind == "bool" && (text == "true" || text == "false"):
			// `choice` does the same.
		case kind == "bool":
			s.replace("return", variant, each, "!("+text+")")
		case text == "0" || text == "nil" || text == `""` || text == kind+"{}":
		default:
			s.replace("return", variant, each, "*new("+kind+")")
		}
	}
}

// results returns the type of each result of the function around a statement, and whether the
// statement is its last one.
func (s *source) results(node ast.Stmt) ([]ast.Expr, bool) {
	for i := len(s.parents) - 1; i >= 0; i-- {
		var kind *ast.FuncType
		switch parent := s.parents[i].(type) {
		case *ast.FuncDecl:
			kind = parent.Type
		case *ast.FuncLit:
			kind = parent.Type
		default:
			continue
		}
		var types []ast.Expr
		if kind.Results != nil {
			for _, field := range kind.Results.List {
				for n := max(len(field.Names), 1); n > 0; n-- {
					types = append(types, field.Type)
				}
			}
		}
		return types, s.endsFunction(node, i)
	}
	return nil, false
}

// endsFunction tells whether a function ends with a statement, in one of its branches: there the
// compiler wants a return. The function is the parent with the given index.
func (s *source) endsFunction(node ast.Node, function int) bool {
	for i := len(s.parents) - 1; i > function; i-- {
		var list []ast.Stmt
		switch parent := s.parents[i].(type) {
		case *ast.BlockStmt:
			list = parent.List
			if _, isSwitch := s.parents[i-1].(*ast.SwitchStmt); isSwitch {
				list = nil // of clauses, each of which can be the last that runs
			}
		case *ast.CaseClause:
			list = parent.Body
		case *ast.ForStmt, *ast.RangeStmt:
			return false
		}
		if len(list) > 0 && list[len(list)-1] != node {
			return false
		}
		node = s.parents[i]
	}
	return true
}

// members takes a member from a literal: a key that is set, a word of a list, a list of a list.
func (s *source) members(node *ast.CompositeLit) {
	if len(node.Elts) == 0 {
		return
	}
	operator := "word"
	for _, each := range node.Elts {
		switch each := each.(type) {
		case *ast.KeyValueExpr:
			operator = "member"
		case *ast.BasicLit:
			if each.Kind == token.INT {
				return
			}
		}
	}
	s.withoutOne(operator, node.Elts, node.Lbrace+1, node.Rbrace)
}

// withoutOne takes one node from a list between two positions, with the comma beside it.
func (s *source) withoutOne(operator string, nodes []ast.Expr, start, end token.Pos) {
	for i, each := range nodes {
		variant := s.text(each)
		if pair, ok := each.(*ast.KeyValueExpr); ok {
			variant = s.text(pair.Key)
			if value := s.text(pair.Value); value == "0" || value == "nil" || value == "false" {
				continue // A missing key is as good.
			}
		}
		if len(variant) > 20 || strings.ContainsAny(variant, "\n ") {
			variant = strconv.Itoa(i)
		}
		first, behind := each.Pos(), each.End()
		switch {
		case len(nodes) == 1:
			first, behind = start, end
		case i+1 < len(nodes):
			behind = nodes[i+1].Pos()
		default:
			first = nodes[i-1].End()
		}
		s.add(operator, variant, first, behind, "")
	}
}

// bounds moves the start or the end of a slice by one.
func (s *source) bounds(node *ast.SliceExpr) {
	for i, bound := range []ast.Expr{node.Low, node.High} {
		if _, isNumber := bound.(*ast.BasicLit); bound != nil && !isNumber {
			s.add("bound", fmt.Sprint(i, "-more"), bound.End(), bound.End(), "+1")
			s.add("bound", fmt.Sprint(i, "-less"), bound.End(), bound.End(), "-1")
		}
	}
}
