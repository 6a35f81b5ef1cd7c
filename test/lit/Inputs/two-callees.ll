; @small and @large are called once each; LLVM inlines @small only at -Oz.
target triple = "x86_64-pc-linux-gnu"

declare void @sink(i32)

define i32 @small(i32 %x) minsize optsize {
  %y = add i32 %x, 1
  ret i32 %y
}

define i32 @large(i32 %x) minsize optsize {
  call void @sink(i32 %x)
  %a = mul i32 %x, 3
  call void @sink(i32 %a)
  %b = xor i32 %a, 77
  call void @sink(i32 %b)
  %c = sdiv i32 %b, 5
  call void @sink(i32 %c)
  ret i32 %c
}

define i32 @caller(i32 %x) minsize optsize {
  %s = call i32 @small(i32 %x)
  %l = call i32 @large(i32 %s)
  %r = add i32 %l, %s
  ret i32 %r
}
