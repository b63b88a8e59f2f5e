package enum WeirNetPlaceholder {}
