//! A gateway's own list, over mutual TLS, run as a ministry runs it.

use vaccert::sandbox::gateway::{Network, Trouble};

use crate::gateway::Site;

#[test]
fn a_gateways_list_is_pulled_and_stays_through_every_trouble() {
    for network in [Network::Eu, Network::Who] {
        let site = Site::open(network);
        site.gateway().invent(&["XA", "XB", "XC"], 2).unwrap();
        site.gateway().publish(&site.own).unwrap();
        site.configure("[[trust]]\nname = \"gw\"\nkind = \"gateway\"\nexpect_own = true\n");
        let pull = |site: &Site| site.work.run(&["trust", "pull"]);
        let ran = pull(&site).good();
        assert!(ran.out.starts_with("gw: 7 signers of 4 countries, 4 authorities, made "), "{ran:?}");
        assert!(ran.out.contains(", 0 left out; 7 added, 0 removed"), "{ran:?}");
        for trouble in
            [Trouble::EmptyList, Trouble::SmallerList(6), Trouble::WrongSignature, Trouble::FlippedCertificate]
        {
            let name = format!("{trouble:?}");
            site.gateway().trouble(trouble, 1_000);
            let ran = pull(&site);
            assert_eq!(ran.code, Some(1), "{name}: {ran:?}");
            assert!(ran.err.contains("gw: REFUSED") || ran.err.contains("gw: NOT BELIEVED"), "{name}: {ran:?}");
            assert!(ran.err.contains("the list in use was last confirmed 0 minutes ago"), "{name}: {ran:?}");
            site.gateway().recover();
            let ran = pull(&site).good();
            assert!(ran.out.contains("gw: 7 signers of 4 countries") && ran.out.ends_with("; unchanged\n"), "{ran:?}");
        }
        if network == Network::Eu {
            site.gateway().trouble(Trouble::Drop, 1_000);
            let ran = pull(&site);
            assert!(ran.code == Some(4) && ran.err.contains("last confirmed 0 minutes ago"), "{ran:?}");
            site.gateway().recover();
        }
        // The own signer goes, and with it the country: an operator looks, accepts, and is told at every run.
        site.run(&["revoke", "keys/dsc.pem", "--yes"]).good();
        let ran = pull(&site);
        assert!(ran.code == Some(1) && ran.err.contains("no signer of XX is left"), "{ran:?}");
        site.work.run(&["trust", "accept", "gw", "--yes"]).good();
        let ran = pull(&site);
        let kid = site.own.signers[0].certificate().kid().to_string();
        assert!(ran.code == Some(1) && ran.err.contains(&format!("YOUR SIGNER {kid} IS NOT IN THE LIST")), "{ran:?}");
    }
}
