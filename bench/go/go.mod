module slotproof/bench

go 1.19
