module proofx/test/vectors/facts

go 1.26.0

require (
	github.com/iden3/go-iden3-crypto v0.0.17
	golang.org/x/crypto v0.58.0
)

require golang.org/x/sys v0.49.0 // indirect
