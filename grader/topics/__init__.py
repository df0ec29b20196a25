"""The built-in topics, one declaration each, in the order of the curriculum."""

ORDER = ("losses", "gradients", "backprop", "optimizers", "regularisers", "training")
