package cli

import (
	"testing"
	"time"
)

// TestStampFor gives fixes that are asked for one by one versions of their own, soon to come.
func TestStampFor(t *testing.T) {
	seen := map[int64]string{}
	for _, id := range []string{"8fd7a2cfa580f4fd", "01efdba80cd8af2c", "362da4faa3b15b95"} {
		stamp, err := stampFor([]string{id})
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[stamp]; twice {
			t.Errorf("%s and %s get the version %d", other, id, stamp)
		}
		seen[stamp] = id
		last, err := stampAt(time.Now().Add(apart * time.Second))
		if err != nil || stamp > last {
			t.Errorf("%s gets the version %d, behind %d (%v)", id, stamp, last, err)
		}
	}
}
