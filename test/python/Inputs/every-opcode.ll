; Every opcode that a module can hold, counted by hand in test_counted_columns.py.
target triple = "x86_64-pc-windows-msvc"

declare i32 @__CxxFrameHandler3(...)
declare void @may_throw()
declare i32 @read(ptr)

; 8 blocks of 21, 13, 15, 8, 1, 3, 1 and 1 instructions.
define i32 @arithmetic(i32 %a, i32 %b, float %f, double %d, ptr %p, <4 x i32> %v) {
entry:
  %add = add i32 %a, %b
  %add.2 = add i32 %add, 1
  %fadd = fadd float %f, 1.0
  %sub = sub i32 %add.2, %b
  %fsub = fsub float %fadd, %f
  %mul = mul i32 %sub, 3
  %fmul = fmul float %fsub, %f
  %udiv = udiv i32 %mul, 7
  %sdiv = sdiv i32 %udiv, 7
  %fdiv = fdiv float %fmul, %f
  %urem = urem i32 %sdiv, 5
  %srem = srem i32 %urem, 5
  %frem = frem float %fdiv, %f
  %fneg = fneg float %frem
  %shl = shl i32 %srem, 2
  %lshr = lshr i32 %shl, 1
  %ashr = ashr i32 %lshr, 1
  %and = and i32 %ashr, 255
  %or = or i32 %and, 1
  %xor = xor i32 %or, -1
  br label %memory

memory:
  %slot = alloca i32
  %slot.2 = alloca i64
  store i32 %xor, ptr %slot
  store i32 0, ptr %slot
  store i32 1, ptr %slot
  %load = load i32, ptr %slot
  %gep = getelementptr i8, ptr %p, i64 8
  fence seq_cst
  %pair = cmpxchg ptr %p, i32 0, i32 1 seq_cst seq_cst
  %old = atomicrmw add ptr %p, i32 1 seq_cst
  %first = extractvalue { i32, i1 } %pair, 0
  %pair.2 = insertvalue { i32, i1 } %pair, i32 %first, 0
  br label %casts

casts:
  %trunc = trunc i32 %load to i8
  %zext = zext i8 %trunc to i32
  %sext = sext i8 %trunc to i32
  %fptoui = fptoui float %f to i32
  %fptosi = fptosi float %f to i32
  %uitofp = uitofp i32 %zext to float
  %sitofp = sitofp i32 %sext to float
  %fptrunc = fptrunc double %d to float
  %fpext = fpext float %uitofp to double
  %ptrtoint = ptrtoint ptr %p to i64
  %ptrtoaddr = ptrtoaddr ptr %p to i64
  %inttoptr = inttoptr i64 %ptrtoint to ptr
  %bitcast = bitcast i32 %zext to float
  %space = addrspacecast ptr %p to ptr addrspace(1)
  br label %vectors

vectors:
  %element = extractelement <4 x i32> %v, i32 0
  %inserted = insertelement <4 x i32> %v, i32 %element, i32 1
  %shuffled = shufflevector <4 x i32> %v, <4 x i32> %inserted, <4 x i32> zeroinitializer
  %frozen = freeze i32 %element
  %small = icmp slt i32 %frozen, 10
  %less = fcmp olt float %f, 2.0
  %selected = select i1 %less, i32 %frozen, i32 %old
  switch i32 %selected, label %other [ i32 0, label %jump
                                       i32 1, label %jump ]

other:
  br i1 %small, label %jump, label %last

jump:
  %phi = phi i32 [ 1, %vectors ], [ 1, %vectors ], [ 2, %other ]
  %target = select i1 %small, ptr blockaddress(@arithmetic, %last), ptr blockaddress(@arithmetic, %dead)
  indirectbr ptr %target, [ label %last, label %dead ]

last:
  ret i32 %load

dead:
  unreachable
}

define i32 @variadic(i32 %n, ...) {
  %list = alloca ptr
  %argument = va_arg ptr %list, i32
  ret i32 %argument
}

define void @asm_goto() {
  callbr void asm sideeffect "", "!i"() to label %fallthrough [label %indirect]
fallthrough:
  ret void
indirect:
  ret void
}

define void @landing() personality ptr @__CxxFrameHandler3 {
  invoke void @may_throw() to label %exit unwind label %pad
exit:
  ret void
pad:
  %switch = catchswitch within none [label %handler] unwind label %cleanup
handler:
  %catch = catchpad within %switch [ptr null, i32 64, ptr null]
  catchret from %catch to label %exit
cleanup:
  %clean = cleanuppad within none []
  cleanupret from %clean unwind to caller
}

define i32 @itanium(ptr %p) personality ptr @__CxxFrameHandler3 {
  %value = call i32 @read(ptr %p)
  %more = invoke i32 @read(ptr %p) to label %exit unwind label %pad
exit:
  ret i32 %value
pad:
  %landing = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %landing
}

; Blocks of few and many phis, predecessors and successors.
define i32 @phis(i1 %c, i32 %x, i32 %y) {
entry:
  br i1 %c, label %left, label %right
left:
  br label %join
right:
  br label %join
join:
  %phi.1 = phi i32 [ %x, %left ], [ %y, %right ]
  %phi.2 = phi i32 [ %y, %left ], [ %x, %right ]
  %phi.3 = phi i32 [ %x, %left ], [ %x, %right ]
  %phi.4 = phi i32 [ %y, %left ], [ %y, %right ]
  br i1 %c, label %merge, label %other
other:
  br label %merge
merge:
  br label %end
end:
  ret i32 %phi.1
}
