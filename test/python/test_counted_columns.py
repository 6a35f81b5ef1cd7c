"""InstCount's 70 and Autophase's 56 columns, against counts of hand-written and of real IR.

Real modules are counted twice more: the mnemonics in what stock llvm-dis prints, and the objects
that llvmlite, another reader of LLVM IR, hands out.
"""

import re
import subprocess
from collections import Counter
from pathlib import Path

import llvmlite.binding as llvmlite
import pytest

import llvm_tools

EVERY_OPCODE = Path(__file__).parent / "Inputs" / "every-opcode.ll"

# Counted by hand. The file has all opcodes that are not here once.
INSTCOUNT = {
    "TotalInstsCount": 92,
    "TotalBlocksCount": 27,
    "TotalFuncsCount": 9,
    "RetCount": 7,
    "BrCount": 10,
    "InvokeCount": 2,
    "AddCount": 2,
    "AllocaCount": 3,
    "StoreCount": 3,
    "PtrToIntCount": 2,  # one of them ptrtoaddr
    "PHICount": 5,
    "SelectCount": 2,
    "UserOp1Count": 0,
    "UserOp2Count": 0,
}

# Counted by hand. The 22 unary instructions are 14 casts, 3 allocas, a load, va_arg, extractvalue,
# freeze and fneg; of memory are 3 allocas, 3 stores, 2 invokes, a load, a call and a getelementptr.
AUTOPHASE = {
    "BBNumArgsHi": 1,
    "BBNumArgsLo": 1,
    "onePred": 16,
    "onePredOneSuc": 6,
    "onePredTwoSuc": 2,
    "oneSuccessor": 8,
    "twoPred": 4,
    "twoPredOneSuc": 1,
    "twoEach": 1,
    "twoSuccessor": 8,
    "morePreds": 1,
    "BB03Phi": 1,
    "BBHiPhi": 1,
    "BBNoPhi": 25,
    "BeginPhi": 2,
    "BranchCount": 10,
    "returnInt": 1,
    "CriticalCount": 7,
    "NumEdges": 27,
    "const32Bit": 29,
    "const64Bit": 1,
    "numConstZeroes": 4,
    "numConstOnes": 14,
    "UncondBranches": 7,
    "binaryConstArg": 13,
    "NumAShrInst": 1,
    "NumAddInst": 2,
    "NumAllocaInst": 3,
    "NumAndInst": 1,
    "BlockMid": 2,
    "BlockLow": 25,
    "NumBitCastInst": 1,
    "NumBrInst": 10,
    "NumCallInst": 1,
    "NumGetElementPtrInst": 1,
    "NumICmpInst": 1,
    "NumLShrInst": 1,
    "NumLoadInst": 1,
    "NumMulInst": 1,
    "NumOrInst": 1,
    "NumPHIInst": 5,
    "NumRetInst": 7,
    "NumSExtInst": 1,
    "NumSelectInst": 2,
    "NumShlInst": 1,
    "NumStoreInst": 3,
    "NumSubInst": 1,
    "NumTruncInst": 1,
    "NumXorInst": 1,
    "NumZExtInst": 1,
    "TotalBlocks": 27,
    "TotalInsts": 92,
    "TotalMemInst": 11,
    "TotalFuncs": 9,
    "ArgsPhi": 11,
    "testUnary": 22,
}

# LLVM 10's opcodes in its order: what published work has in columns 4 to 70.
OPCODES = [
    "Ret",
    "Br",
    "Switch",
    "IndirectBr",
    "Invoke",
    "Resume",
    "Unreachable",
    "CleanupRet",
    "CatchRet",
    "CatchSwitch",
    "CallBr",
    "FNeg",
    "Add",
    "FAdd",
    "Sub",
    "FSub",
    "Mul",
    "FMul",
    "UDiv",
    "SDiv",
    "FDiv",
    "URem",
    "SRem",
    "FRem",
    "Shl",
    "LShr",
    "AShr",
    "And",
    "Or",
    "Xor",
    "Alloca",
    "Load",
    "Store",
    "GetElementPtr",
    "Fence",
    "AtomicCmpXchg",
    "AtomicRMW",
    "Trunc",
    "ZExt",
    "SExt",
    "FPToUI",
    "FPToSI",
    "UIToFP",
    "SIToFP",
    "FPTrunc",
    "FPExt",
    "PtrToInt",
    "IntToPtr",
    "BitCast",
    "AddrSpaceCast",
    "CleanupPad",
    "CatchPad",
    "ICmp",
    "FCmp",
    "PHI",
    "Call",
    "Select",
    "UserOp1",
    "UserOp2",
    "VAArg",
    "ExtractElement",
    "InsertElement",
    "ShuffleVector",
    "ExtractValue",
    "InsertValue",
    "LandingPad",
    "Freeze",
]
# Where textual IR spells an opcode otherwise than in small letters.
MNEMONICS = {"AtomicCmpXchg": "cmpxchg", "VAArg": "va_arg", "PtrToInt": "ptrto(?:int|addr)"}


def test_instcount_has_compilergyms_columns_in_order() -> None:
    names = [column.name for column in llvm_tools.TABLES["instcount"].columns]
    totals = ["TotalInsts", "TotalBlocks", "TotalFuncs"]
    assert names == ["module", *(f"{name}Count" for name in [*totals, *OPCODES])]
    assert len(names) == 1 + 70


def test_instcount_of_every_opcode() -> None:
    counts = llvm_tools.instcount(EVERY_OPCODE).drop("module").row(0, named=True)
    assert counts == {name: INSTCOUNT.get(name, 1) for name in counts}


def test_autophase_of_every_opcode() -> None:
    assert llvm_tools.autophase(EVERY_OPCODE).drop("module").row(0, named=True) == AUTOPHASE


def test_autophase_has_compilergyms_columns_in_order() -> None:
    names = [column.name for column in llvm_tools.TABLES["autophase"].columns]
    assert names == ["module", *AUTOPHASE]
    assert len(names) == 1 + 56


def _disassemble(module: Path) -> str:
    command = ["llvm-dis-22", str(module), "-o", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _count_mnemonics(text: str) -> Counter[str]:
    """How often each mnemonic begins an instruction of textual IR."""
    instruction = re.compile(r"^  (?:%\S+ = )?(?:(?:tail|musttail|notail) )?([a-z_]+)\b", re.M)
    return Counter(match[1] for match in instruction.finditer(text))


def test_instcount_equals_the_mnemonics_that_llvm_dis_prints(
    real_modules: dict[str, list[Path]],
) -> None:
    modules = [*real_modules["Oz"][::2], *real_modules["O2"][1::2]]
    frame = llvm_tools.instcount(modules).frame
    for module, counts in zip(modules, frame.iter_rows(named=True), strict=True):
        printed = _count_mnemonics(_disassemble(module))
        for name in OPCODES:
            pattern = re.compile(MNEMONICS.get(name, name.lower()))
            expected = sum(n for word, n in printed.items() if pattern.fullmatch(word))
            assert counts[f"{name}Count"] == expected, (module.name, name)


_CASE = re.compile(r"\bi(\d+) (-?\d+), label %")


def _constants(instruction: llvmlite.ValueRef) -> list[tuple[int, int]]:
    """Width and value of the constant integers among the operands, cases of switches included."""
    found = [
        (int(str(operand.type)[1:]), int(str(operand).split()[-1].replace("true", "1")))
        for operand in instruction.operands
        if re.fullmatch(r"i\d+ (-?\d+|true)", str(operand))
    ]
    found += [
        (int(str(operand.type)[1:]), 0)
        for operand in instruction.operands
        if str(operand) == "i1 false"
    ]
    if instruction.opcode == "switch":
        cases = _CASE.findall(str(instruction).partition("[")[2])
        found += [(int(width), int(value)) for width, value in cases]
    return found


def _successors(block: llvmlite.ValueRef) -> list[str]:
    *_, terminator = block.instructions
    return [
        str(operand)
        for operand in terminator.operands
        if operand.value_kind == llvmlite.ValueKind.basic_block
    ]


BINARY = {"add", "fadd", "sub", "fsub", "mul", "fmul", "udiv", "sdiv", "fdiv", "urem", "srem"}
BINARY |= {"frem", "shl", "lshr", "ashr", "and", "or", "xor"}
CASTS = {"trunc", "zext", "sext", "fptoui", "fptosi", "uitofp", "sitofp", "fptrunc", "fpext"}
CASTS |= {"ptrtoint", "inttoptr", "bitcast", "addrspacecast"}
# llvm::UnaryInstruction's subclasses.
UNARY = CASTS | {"alloca", "load", "va_arg", "extractvalue", "freeze", "fneg"}
MEMORY = {"getelementptr", "load", "store", "call", "invoke", "alloca"}


def _returns_integer(call: llvmlite.ValueRef) -> bool:
    *_, callee = call.operands
    is_known = callee.value_kind == llvmlite.ValueKind.function
    return is_known and re.fullmatch(r"i\d+", str(call.type)) is not None


def _recount(module: llvmlite.ModuleRef) -> Counter[str]:
    """Autophase's columns that are no opcodes, as CompilerGym's InstCount.cc defines them."""
    total: Counter[str] = Counter()
    for function in module.functions:
        total["TotalFuncs"] += 1
        blocks = list(function.blocks)
        leads_to = [_successors(block) for block in blocks]
        arrivals = Counter(name for names in leads_to for name in names)
        for block, successors in zip(blocks, leads_to, strict=True):
            _recount_block(total, block, successors, arrivals)
    return total


def _recount_block(
    total: Counter[str],
    block: llvmlite.ValueRef,
    successors: list[str],
    arrivals: Counter[str],
) -> None:
    instructions = list(block.instructions)
    phis = [i for i in instructions if i.opcode == "phi"]
    incoming = sum(len(list(phi.incoming_blocks)) for phi in phis)
    before, after = arrivals[str(block)], len(successors)
    critical = sum(after > 1 and arrivals[name] > 1 for name in successors)
    total.update(
        TotalBlocks=1,
        TotalInsts=len(instructions),
        onePred=before == 1,
        twoPred=before == 2,
        morePreds=before > 2,
        oneSuccessor=after == 1,
        twoSuccessor=after == 2,
        onePredOneSuc=(before, after) == (1, 1),
        onePredTwoSuc=(before, after) == (1, 2),
        twoPredOneSuc=(before, after) == (2, 1),
        twoEach=(before, after) == (2, 2),
        NumEdges=after,
        CriticalCount=critical,
        BlockLow=len(instructions) < 15,
        BlockMid=15 <= len(instructions) <= 500,
        BBNoPhi=not phis,
        BB03Phi=1 <= len(phis) <= 3,
        BBHiPhi=len(phis) > 3,
        BeginPhi=bool(phis),
        BBNumArgsLo=1 <= incoming <= 5,
        BBNumArgsHi=incoming > 5,
        ArgsPhi=incoming,
    )
    for instruction in instructions:
        constants = _constants(instruction)
        total.update(
            const32Bit=sum(width == 32 for width, _ in constants),
            const64Bit=sum(width == 64 for width, _ in constants),
            numConstZeroes=sum(value == 0 for _, value in constants),
            numConstOnes=sum(value == 1 for _, value in constants),
            BranchCount=instruction.opcode == "br",
            UncondBranches=instruction.opcode == "br" and len(list(instruction.operands)) == 1,
            returnInt=instruction.opcode == "call" and _returns_integer(instruction),
            testUnary=instruction.opcode in UNARY,
            TotalMemInst=instruction.opcode in MEMORY,
            binaryConstArg=instruction.opcode in BINARY
            and any(operand.is_constant for operand in instruction.operands),
        )


def test_autophase_equals_a_recount_with_llvmlite(real_modules: dict[str, list[Path]]) -> None:
    modules = [path for path in real_modules["O2"] if path.stat().st_size < 60_000][::3]
    assert len(modules) >= 10
    # For C++'s invokes and landing pads.
    modules += [path for path in real_modules["O2"] if path.name.startswith("json_writer.cpp")]
    frame = llvm_tools.autophase(modules).frame.iter_rows(named=True)
    instcount = llvm_tools.instcount(modules).frame.iter_rows(named=True)
    invokes = 0
    for module, counts, opcodes in zip(modules, frame, instcount, strict=True):
        invokes += opcodes["InvokeCount"]
        expected = _recount(llvmlite.parse_bitcode(module.read_bytes()))
        assert {name: counts[name] for name in expected} == dict(expected), module.name
        # The rest are opcodes, counted in instcount too, whose counts are those of llvm-dis.
        for name in set(AUTOPHASE) - set(expected):
            assert counts[name] == opcodes[f"{name[3:-4]}Count"], (module.name, name)
    assert invokes > 0


def test_bodies_whose_blocks_are_named_elsewhere_count_too() -> None:
    """Bitcode is counted body after body; these can only be read together."""
    source = b"""
    define ptr @before() { ret ptr blockaddress(@f, %target) }
    define void @f(ptr %p) {
      indirectbr ptr %p, [label %target]
    target:
      ret void
    }
    define ptr @after() { ret ptr blockaddress(@f, %target) }
    @global = global ptr blockaddress(@g, %inside)
    define void @g() { br label %inside inside: ret void }
    """
    bitcode = llvm_tools.to_bitcode(source)
    for function in (llvm_tools.instcount, llvm_tools.autophase, llvm_tools.block_features):
        assert function(bitcode).equals(function(source))
    assert llvm_tools.instcount(bitcode)["RetCount"].item() == 4


@pytest.mark.parametrize("table", ["block_features", "function_features", "module_features"])
def test_every_opcode_has_a_column_in_the_histograms(table: str) -> None:
    """Of every-opcode.ll: the same counts as InstCount's, with ptrtoaddr apart."""
    names = {MNEMONICS.get(name, name.lower()): name for name in OPCODES if "UserOp" not in name}
    names["ptrtoint"] = names.pop("ptrto(?:int|addr)")
    frame = getattr(llvm_tools, table)(EVERY_OPCODE)
    sums = {
        name.removeprefix("opcode_"): frame[name].sum()
        for name in frame.columns
        if name.startswith("opcode_") and name != "opcode_entropy"
    }
    expected = {word: INSTCOUNT.get(f"{name}Count", 1) for word, name in names.items()}
    assert sums == expected | {"ptrtoint": 1, "ptrtoaddr": 1}
