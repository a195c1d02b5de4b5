use rdgrade::jail::*;
use std::os::fd::AsFd;
use std::time::Instant;
fn main() {
    let (r, _w) = nix::unistd::pipe().unwrap();
    let t = Instant::now();
    let plan = GroundPlan { visible: vec![], helpers: vec![], submission_bytes: 64 << 20 };
    let ground = match Ground::prepare(&plan, &["/tmp/arch/img".into()]) { Ok(g) => g, Err(e) => { eprintln!("{e}\n{}", e.remedy); return } };
    eprintln!("ground {:?}", t.elapsed());
    std::fs::copy(std::env::args().nth(1).unwrap_or("/mnt/x".into()), ground.submission_directory().join("rd.sh")).ok();
    std::fs::write(ground.submission_directory().join("rd.sh"), include_str!("/tmp/arch/rd.sh")).unwrap();
    ground.seal_submission().unwrap();
    let files = vec!["ubuntu.tar".to_string()];
    for _ in 0..3 {
        let t = Instant::now();
        let jail = match Jail::create(&ground, &Images { index: 0, files: &files }, Sizes::default()) { Ok(j) => j, Err(e) => { eprintln!("{e}\n{}", e.remedy); return } };
        let made = t.elapsed();
        let mut scene = rdgrade::play::Scene::new(jail, r.as_fd());
        rdgrade::play::try_it(&mut scene);
        let t = Instant::now();
        drop(scene);
        eprintln!("made {made:?} drop {:?}", t.elapsed());
    }
}
