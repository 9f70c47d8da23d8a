package measures

import (
	"fmt"
	"testing"
)

func TestPasses(t *testing.T) {
	t.Log("3 m³ is 3000 l")
}

func TestFails(t *testing.T) {
	fmt.Println("вес: 531 г")
	t.Errorf("531 g, not 500 g")
}

func TestSkips(t *testing.T) {
	t.Skip("no scale here: нет весов")
}

func TestUnits(t *testing.T) {
	for _, unit := range []string{"litre", "m³", "größe"} {
		t.Run(unit, func(t *testing.T) {
			if unit == "größe" {
				t.Error("no such unit")
			}
		})
	}
}
