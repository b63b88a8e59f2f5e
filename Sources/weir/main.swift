import ArgumentParser
import WeirCommand

Weir.main()
