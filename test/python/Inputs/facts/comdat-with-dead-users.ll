; Dead constants still use @cb when its last call is inlined, and the inliner deletes it.
target triple = "x86_64-pc-linux-gnu"
@g = global i32 0
$cb = comdat any
define linkonce_odr i32 @cb(i32 %x) comdat {
  call void @leaf(i32 1)
  store volatile i32 %x, ptr @g
  ret i32 1
}
define internal void @leaf(i32 %x) noinline minsize {
  store volatile i32 %x, ptr @g
  ret void
}
define internal i1 @isnull(ptr %p) minsize optsize {
  %i = ptrtoint ptr %p to i64
  %a = and i64 %i, 1
  %c = icmp eq i64 %a, 1
  ret i1 %c
}
define i32 @a1(i32 %x) minsize optsize {
  %n = icmp eq i64 ptrtoint (ptr @cb to i64), 0
  %r = call i32 @cb(i32 %x)
  %z = zext i1 %n to i32
  store volatile i32 %z, ptr @g
  ret i32 %r
}
define void @b1(i32 %x) minsize optsize {
  call void @leaf(i32 %x)
  call void @leaf(i32 %x)
  ret void
}
