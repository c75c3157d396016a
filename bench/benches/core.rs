//! `cargo bench -p dlmm-bench`: every case, natively, by criterion. `-- walk` takes those with that name.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use dlmm_bench::cases;

fn core(criterion: &mut Criterion) {
    for mut case in cases() {
        let name = case.name.clone();
        criterion.bench_function(&name, |bencher| bencher.iter(|| case.run()));
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    targets = core
}
criterion_main!(benches);
