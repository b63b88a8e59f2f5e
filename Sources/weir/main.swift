import WeirCommand

Weir.main()
