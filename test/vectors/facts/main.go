// Command facts writes known answers for facts, policies, subjects, contexts and facts trees, in a language and with
// libraries that share nothing with the code under test. Definitions: docs/formats.md section 2.
package main

import (
	"encoding/hex"
	"encoding/json"
	"log"
	"math/big"
	"os"
	"strings"

	"github.com/iden3/go-iden3-crypto/poseidon"
	"golang.org/x/crypto/sha3"
)

var order, _ = new(big.Int).SetString("21888242871839275222246405745257275088548364400416034343698204186575808495617", 10)

func main() {
	vectors := map[string]any{
		"factCommitments": factCommitments(),
		"policies":        policies(),
		"subjects":        subjects(),
		"contexts":        contexts(),
		"leaves":          leaves(),
		"trees":           trees(),
	}
	out, err := json.MarshalIndent(vectors, "", " ")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("vectors.json", append(out, '\n'), 0o644); err != nil {
		log.Fatal(err)
	}
}

func num(s string) *big.Int {
	v, ok := new(big.Int).SetString(s, 10)
	if !ok {
		log.Fatalf("not a number: %q", s)
	}
	return v
}

func pow2(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

func shifted(v *big.Int, bits uint) *big.Int { return new(big.Int).Lsh(v, bits) }

func mod(v *big.Int) *big.Int { return new(big.Int).Mod(v, order) }

func sum(vs ...*big.Int) *big.Int {
	total := new(big.Int)
	for _, v := range vs {
		total.Add(total, v)
	}
	return total
}

func hash(vs ...*big.Int) *big.Int {
	h, err := poseidon.Hash(vs)
	if err != nil {
		log.Fatal(err)
	}
	return h
}

// tag reads ASCII text as a big-endian integer.
func tag(text string) *big.Int { return new(big.Int).SetBytes([]byte(text)) }

func keccak(data []byte) *big.Int {
	h := sha3.NewLegacyKeccak256()
	h.Write(data)
	return new(big.Int).SetBytes(h.Sum(nil))
}

// word is an unsigned integer or address as one word of contract ABI encoding; wordLeft is a bytesN.
func word(v *big.Int) []byte { return v.FillBytes(make([]byte, 32)) }

func wordLeft(data []byte) []byte {
	return append(append([]byte{}, data...), make([]byte, 32-len(data))...)
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		log.Fatal(err)
	}
	return b
}

type factVector struct {
	Amounts    []string `json:"amounts"`
	Category   int64    `json:"category"`
	Salt       string   `json:"salt"`
	Commitment string   `json:"commitment"`
}

func factCommitments() []factVector {
	max := new(big.Int).Sub(pow2(64), big.NewInt(1)).String()
	last := new(big.Int).Sub(order, big.NewInt(1))
	cases := []struct {
		amounts  [4]string
		category int64
		salt     *big.Int
	}{
		{[4]string{"0", "0", "0", "0"}, 0, big.NewInt(0)},
		{[4]string{"1", "2", "3", "4"}, 5, big.NewInt(6)},
		{[4]string{max, max, max, max}, 63, last},
		{[4]string{max, "0", "0", "0"}, 0, big.NewInt(1)},
		{[4]string{"0", "1", "0", "0"}, 0, big.NewInt(1)},
		{[4]string{"0", "0", "0", max}, 0, big.NewInt(1)},
		{[4]string{"0", "0", "0", "0"}, 1, big.NewInt(1)},
		{[4]string{"1000000", "950000", "0", "17"}, 42, num("1234567890123456789012345678901234567890123456789012345678901234567890")},
	}
	var out []factVector
	for _, c := range cases {
		a := [4]*big.Int{num(c.amounts[0]), num(c.amounts[1]), num(c.amounts[2]), num(c.amounts[3])}
		commitment := hash(
			sum(a[0], shifted(a[1], 64), shifted(a[2], 128)),
			sum(a[3], shifted(big.NewInt(c.category), 64), shifted(tag("PXFACT1"), 72)),
			c.salt,
		)
		salt := "0x" + hex.EncodeToString(word(c.salt))
		out = append(out, factVector{c.amounts[:], c.category, salt, commitment.String()})
	}
	return out
}

type policyVector struct {
	Weights      []int64 `json:"weights"`
	Lower        string  `json:"lower"`
	Upper        string  `json:"upper"`
	CategoryMask string  `json:"categoryMask"`
	Hash         string  `json:"hash"`
}

func policies() []policyVector {
	limit := new(big.Int).Sub(pow2(100), big.NewInt(1))
	low := new(big.Int).Neg(limit)
	full := new(big.Int).Sub(pow2(64), big.NewInt(1))
	cases := []policyVector{
		{Weights: []int64{1, 0, 0, 0}, Lower: "0", Upper: "9999", CategoryMask: "4"},
		{Weights: []int64{1, -1, 0, 0}, Lower: "1000000", Upper: limit.String(), CategoryMask: "2"},
		{Weights: []int64{0, 0, 0, 0}, Lower: "0", Upper: "0", CategoryMask: "0"},
		{Weights: []int64{-1 << 31, -1 << 31, -1 << 31, -1 << 31}, Lower: low.String(), Upper: low.String(), CategoryMask: full.String()},
		{Weights: []int64{1<<31 - 1, 1<<31 - 1, 1<<31 - 1, 1<<31 - 1}, Lower: limit.String(), Upper: limit.String(), CategoryMask: full.String()},
		{Weights: []int64{-1, 2, -3, 4}, Lower: "-1", Upper: "1", CategoryMask: pow2(63).String()},
		{Weights: []int64{1, 2, 3, 4}, Lower: low.String(), Upper: limit.String(), CategoryMask: "1"},
	}
	for i, c := range cases {
		packed := sum(shifted(num(c.CategoryMask), 128), shifted(tag("PXPOLI1"), 192))
		for j, w := range c.Weights {
			offset := new(big.Int).Add(big.NewInt(w), pow2(31))
			packed.Add(packed, shifted(offset, uint(32*j)))
		}
		cases[i].Hash = hash(packed, mod(num(c.Lower)), mod(num(c.Upper))).String()
	}
	return cases
}

type subjectVector struct {
	StreamID string `json:"streamId"`
	AgentID  string `json:"agentId"`
	Subject  string `json:"subject"`
}

func subject(streamID, agentID string) *big.Int {
	text := []byte("PROOFX_SUBJECT_V1")
	// abi.encode(string, bytes32, bytes16): offset of the string, the two words, then its length and bytes.
	encoded := word(big.NewInt(96))
	encoded = append(encoded, unhex(streamID)...)
	encoded = append(encoded, wordLeft(unhex(agentID))...)
	encoded = append(encoded, word(big.NewInt(int64(len(text))))...)
	encoded = append(encoded, wordLeft(text)...)
	return mod(keccak(encoded))
}

func subjects() []subjectVector {
	stream := "0x399cd60b39a2c65ab8a50de811a4d2a8efa8e191961a8fbd9bcc21174b0dd731"
	out := []subjectVector{
		{StreamID: stream, AgentID: "0x550e8400e29b41d4a716446655440000"},
		{StreamID: "0x" + strings.Repeat("00", 32), AgentID: "0x" + strings.Repeat("00", 16)},
		{StreamID: "0x" + strings.Repeat("ff", 32), AgentID: "0x" + strings.Repeat("ff", 16)},
	}
	for i, v := range out {
		out[i].Subject = subject(v.StreamID, v.AgentID).String()
	}
	return out
}

type contextVector struct {
	ChainID        string `json:"chainId"`
	Verifier       string `json:"verifier"`
	CircuitVersion int64  `json:"circuitVersion"`
	Submitter      string `json:"submitter"`
	Deadline       string `json:"deadline"`
	Context        string `json:"context"`
}

func contexts() []contextVector {
	max64 := new(big.Int).Sub(pow2(64), big.NewInt(1)).String()
	max256 := new(big.Int).Sub(pow2(256), big.NewInt(1)).String()
	out := []contextVector{
		{"31337", "0x" + strings.Repeat("11", 20), 1, "0x" + strings.Repeat("22", 20), "1893456000", ""},
		{"1", "0x" + strings.Repeat("00", 20), 0, "0x" + strings.Repeat("00", 20), "0", ""},
		{max256, "0x" + strings.Repeat("ff", 20), 1<<32 - 1, "0x" + strings.Repeat("ff", 20), max64, ""},
	}
	for i, v := range out {
		encoded := word(num(v.ChainID))
		encoded = append(encoded, word(new(big.Int).SetBytes(unhex(v.Verifier)))...)
		encoded = append(encoded, word(big.NewInt(v.CircuitVersion))...)
		encoded = append(encoded, word(new(big.Int).SetBytes(unhex(v.Submitter)))...)
		encoded = append(encoded, word(num(v.Deadline))...)
		out[i].Context = mod(keccak(encoded)).String()
	}
	return out
}

type leafVector struct {
	Subject    string `json:"subject"`
	Sequence   string `json:"sequence"`
	Commitment string `json:"commitment"`
	Leaf       string `json:"leaf"`
}

func leaves() []leafVector {
	last := new(big.Int).Sub(order, big.NewInt(1)).String()
	max64 := new(big.Int).Sub(pow2(64), big.NewInt(1)).String()
	out := []leafVector{
		{subjects()[0].Subject, "1", factCommitments()[1].Commitment, ""},
		{last, max64, last, ""},
		{"0", "0", "0", ""},
	}
	for i, v := range out {
		out[i].Leaf = hash(num(v.Subject), num(v.Sequence), num(v.Commitment)).String()
	}
	return out
}

const arity, depth = 8, 6

type pathVector struct {
	Index    int        `json:"index"`
	Children [][]string `json:"children"`
}

type treeVector struct {
	Leaves []string     `json:"leaves"`
	Root   string       `json:"root"`
	Paths  []pathVector `json:"paths"`
}

// node is defined from the top down: 0 where no leaf is below, else the hash of its eight children.
func node(leaves []*big.Int, level, index int) *big.Int {
	width := 1
	for i := 0; i < level; i++ {
		width *= arity
	}
	if index*width >= len(leaves) {
		return new(big.Int)
	}
	if level == 0 {
		return leaves[index]
	}
	return hash(children(leaves, level, index)...)
}

func children(leaves []*big.Int, level, index int) []*big.Int {
	var out []*big.Int
	for i := 0; i < arity; i++ {
		out = append(out, node(leaves, level-1, index*arity+i))
	}
	return out
}

func trees() []treeVector {
	var out []treeVector
	for _, size := range []int{0, 1, 2, 8, 9, 65} {
		tree := treeVector{Leaves: []string{}, Paths: []pathVector{}}
		var values []*big.Int
		for i := 1; i <= size; i++ {
			leaf := hash(big.NewInt(1), big.NewInt(int64(i)), big.NewInt(2))
			values = append(values, leaf)
			tree.Leaves = append(tree.Leaves, leaf.String())
		}
		tree.Root = node(values, depth, 0).String()
		for _, index := range []int{0, size / 2, size - 1} {
			if size == 0 || (len(tree.Paths) > 0 && tree.Paths[len(tree.Paths)-1].Index == index) {
				continue
			}
			path := pathVector{Index: index}
			for level, above := 1, index/arity; level <= depth; level, above = level+1, above/arity {
				var row []string
				for _, child := range children(values, level, above) {
					row = append(row, child.String())
				}
				path.Children = append(path.Children, row)
			}
			tree.Paths = append(tree.Paths, path)
		}
		out = append(out, tree)
	}
	return out
}
