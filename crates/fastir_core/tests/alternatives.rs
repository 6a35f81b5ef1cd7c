//! Alternatives measured together against compiles of their own, on IR written
//! by hand. Without cargo's harness, whose threads must not be forked.

use std::collections::HashMap;

use fastir_core::{Alternative, Bytes, Compilation, Job, Request, Site, evaluate};

/// Two callers that have nothing to do with each other; each has a callee of
/// which linkers keep one copy, called once.
const MODULE: &str = r#"
target triple = "x86_64-pc-linux-gnu"
declare i32 @sink(i32)
$g1 = comdat any
$g2 = comdat any
define linkonce_odr i32 @g1(i32 %x) minsize optsize nounwind comdat {
  %a = call i32 @sink(i32 %x)
  %b = call i32 @sink(i32 %a)
  ret i32 %b
}
define linkonce_odr i32 @g2(i32 %x) minsize optsize nounwind comdat {
  %a = call i32 @sink(i32 %x)
  %b = call i32 @sink(i32 %a)
  %c = call i32 @sink(i32 %b)
  ret i32 %c
}
define i32 @f1(i32 %x) minsize optsize nounwind {
  %a = call i32 @g1(i32 %x)
  %b = add i32 %a, %x
  ret i32 %b
}
define i32 @f2(i32 %x) minsize optsize nounwind {
  %a = call i32 @g2(i32 %x)
  %b = xor i32 %a, %x
  ret i32 %b
}
"#;

fn job() -> Job {
    Job {
        name: "m".to_owned(),
        level: "Oz".to_owned(),
        phase: "compile".to_owned(),
        policy: "never".to_owned(),
        ..Job::default()
    }
}

/// Loadable bytes when `callee` is inlined into `caller` and nothing else is.
fn alone(inlined: &[(&str, &str)]) -> u64 {
    let sites: Vec<(Site, bool)> = inlined
        .iter()
        .map(|&(caller, callee)| {
            let site = Site {
                caller: caller.to_owned(),
                callee: callee.to_owned(),
                occurrence: 0,
            };
            (site, true)
        })
        .collect();
    let job = job();
    let request = Request {
        site_overrides: &sites,
        by_symbol: true,
        ..Request::new(MODULE.as_bytes(), &job)
    };
    let pieces = Compilation::run(&request).expect("it compiles").pieces();
    pieces.iter().map(|piece| piece.bytes).sum()
}

fn main() {
    let job = job();
    let request = Request::new(MODULE.as_bytes(), &job);
    let alternatives: [Alternative; 2] = [vec![(0, true)], vec![(1, true)]];
    let weights: HashMap<String, f64> = HashMap::new();
    // SAFETY: this process has one thread.
    let together = unsafe { evaluate(&request, &weights, &alternatives, usize::MAX) };
    let together = together.expect("it compiles");
    // SAFETY: as above.
    let apart = unsafe { evaluate(&request, &weights, &alternatives, 1) };
    let apart = apart.expect("it compiles");

    // The base, and one compile for both, or one for each.
    assert_eq!((together.compiles, apart.compiles), (2, 3));
    assert_eq!(together.changes, apart.changes);

    let decisions = together.base.decisions();
    let calls: Vec<(&str, &str)> = decisions
        .iter()
        .map(|d| (d.caller.as_str(), d.callee.as_str()))
        .collect();
    assert_eq!(calls, [("f1", "g1"), ("f2", "g2")]);
    let base = alone(&[]) as f64;
    assert_eq!(together.bytes.loadable, base);
    for (call, change) in calls.iter().zip(&together.changes) {
        assert_eq!(change.loadable, alone(&[*call]) as f64 - base);
        assert_ne!(*change, Bytes::default());
    }

    // SAFETY: as above.
    let unknown = unsafe { evaluate(&request, &weights, &[vec![(2, true)]], 1) };
    let message = unknown.expect_err("there is none").to_string();
    assert_eq!(message, "m: there is no decision 2; the module has 2");
    println!("alternatives: ok");
}
