import ArgumentParser
import WeirCommand

Weir.start(Array(CommandLine.arguments.dropFirst()))
