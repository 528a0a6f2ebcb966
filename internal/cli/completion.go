package cli

import (
	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/engine"
)

func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

func (a *app) completion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a shell's completion script",
		Example: `  source <(assay completion bash)
  assay completion zsh > "${fpath[1]}/_assay"
  assay completion fish > ~/.config/fish/completions/assay.fish`,
		ValidArgs: shells(),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, "name one shell: bash, zsh, fish or powershell")
			}
			return a.writeCompletion(c, args[0])
		},
	}
}

func (a *app) writeCompletion(c *cobra.Command, shell string) error {
	root := c.Root()
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(a.Out, true)
	case "zsh":
		return root.GenZshCompletion(a.Out)
	case "fish":
		return root.GenFishCompletion(a.Out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(a.Out)
	}
	return usage(c, "there is no completion for `%s`%s", shell, engine.DidYouMean(shell, shells()))
}
