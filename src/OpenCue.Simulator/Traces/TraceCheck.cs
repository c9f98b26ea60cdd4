using OpenCue.Simulator.Farms;

namespace OpenCue.Simulator.Traces;

internal static class TraceCheck
{
    public static void Fit(Trace trace, FarmPlan farm, string path)
    {
    }
}
