package model

import "testing"

func TestBuiltin(t *testing.T) {
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if i := set.CallOf("String", "to_atom", 1); i < 0 || set.At(i).Sink["atom"] != 0 {
		t.Errorf("String.to_atom/1 is entry %d", i)
	}
	if e := set.ExportsOf("String"); e == nil || !e.Func("to_atom", 1) || e.Func("to_atom", 2) {
		t.Error("String exports to_atom/1 only")
	}
}
