module slotproof/models/go

go 1.19
