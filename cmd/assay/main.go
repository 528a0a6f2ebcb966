// Assay finds the defects of Elixir back ends that compile and pass the tests.
package main

import (
	"os"

	"github.com/assay-dev/assay/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
