; The results of calls flow into phis; inlined, they are a constant, a function, an argument, and
; one phi takes the same result twice.
target triple = "x86_64-pc-linux-gnu"
@g = global i32 0
define internal i32 @one(i32 %x) {
  store volatile i32 %x, ptr @g
  ret i32 1
}
define internal i32 @two(i32 %x) {
  store volatile i32 %x, ptr @g
  ret i32 2
}
define internal i32 @same(i32 %x) {
  store volatile i32 %x, ptr @g
  ret i32 %x
}
define internal ptr @which(i32 %x) {
  store volatile i32 %x, ptr @g
  ret ptr @same
}
define i32 @numbers(i32 %x) minsize optsize {
entry:
  switch i32 %x, label %D [
    i32 0, label %A
    i32 1, label %B
    i32 2, label %C
  ]
A:
  %a = call i32 @one(i32 %x)
  br label %join
B:
  %b = call i32 @two(i32 %x)
  br label %join
C:
  %c = call i32 @same(i32 %x)
  switch i32 %c, label %D [
    i32 5, label %join
    i32 6, label %join
  ]
D:
  %d = call i32 @same(i32 7)
  br label %join
join:
  %r = phi i32 [ %a, %A ], [ %b, %B ], [ %c, %C ], [ %c, %C ], [ %d, %D ]
  %s = call i32 @one(i32 %r)
  ret i32 %s
}
define i32 @functions(i32 %x) minsize optsize {
entry:
  %t = icmp eq i32 %x, 0
  br i1 %t, label %A, label %B
A:
  %a = call ptr @which(i32 1)
  br label %join
B:
  %b = call ptr @which(i32 2)
  br label %join
join:
  %f = phi ptr [ %a, %A ], [ %b, %B ]
  %r = call i32 %f(i32 %x)
  %s = call i32 @two(i32 %r)
  ret i32 %s
}
define i32 @twice(i32 %x) minsize optsize {
entry:
  %a = call i32 @one(i32 %x)
  switch i32 %x, label %D [
    i32 0, label %join
    i32 1, label %join
  ]
D:
  %d = call i32 @same(i32 %x)
  br label %join
join:
  %r = phi i32 [ %a, %entry ], [ %a, %entry ], [ %d, %D ]
  %s = call i32 @two(i32 %r)
  ret i32 %s
}
