import CKernels
import Tensors
import Testing

/// Probes count what they do; what they come to in a second is nobody's business here.
@Suite struct ProbeTests {
    @Test(arguments: ISA.available) func operationsGrowWithRounds(isa: ISA) {
        let probes = [isa.kernels.dot_through, isa.kernels.fma_through, isa.kernels.pairs_through]
        for probe in probes.compactMap(\.self) {
            #expect(probe(1) > 0 && probe(7) == 7 * probe(1))
        }
        #expect((isa.kernels.pairs_through == nil) == (isa.kernels.panel_bfloat == nil))
    }

    @Test func aMachineWithoutPairsHasNoRateOfThem() {
        #expect((measuredPairArithmetic(passes: 1) == nil) == (kernels().pointee.panel_bfloat == nil))
        #expect(measuredArithmetic(passes: 1) > 0 && measuredFloatArithmetic(passes: 1) > 0)
    }
}
