using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Explaining;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Tests.Scheduling.Explaining;

/// <summary>Asks a test's farm for explanations, and checks that what they say is so.</summary>
internal static class Explained
{
    public static ExplainContext View(this SchedulingFarm farm) => new(farm.Farm, farm.Scheduler, farm.Edit.Now);

    public static FrameAnswer Explain(this SchedulingFarm farm, Layer layer, int ordinal) =>
        new FrameExplanation(_ => (layer, ordinal)) { Context = farm.View() }.Make();

    public static LayerAnswer Explain(this SchedulingFarm farm, Layer layer) => new LayerExplanation(_ => layer) { Context = farm.View() }.Make();

    public static JobAnswer Explain(this SchedulingFarm farm, Job job) => new JobExplanation(_ => job) { Context = farm.View() }.Make();

    public static ShowAnswer Explain(this SchedulingFarm farm, Show show) => new ShowExplanation(_ => show) { Context = farm.View() }.Make();

    public static HostAnswer Explain(this SchedulingFarm farm, Host host) => new HostExplanation(_ => host) { Context = farm.View() }.Make();

    /// <summary>
    /// What is said to hold the frame does hold it, frame and layer say the same, and when that is taken away, it is no longer said and the frame runs.
    /// </summary>
    /// <param name="farm">The farm.</param>
    /// <param name="layer">The layer of the frame.</param>
    /// <param name="code">What is said first.</param>
    /// <param name="text">A part of what is said.</param>
    /// <param name="mend">Takes it away.</param>
    /// <param name="runs">False if something else holds the frame then.</param>
    public static Reason Holds(this SchedulingFarm farm, Layer layer, ReasonCode code, string text, Action mend, bool runs = true)
    {
        farm.Pass();
        var ordinal = layer.Waiting.Look().FirstOrDefault(-1);
        ordinal = ordinal < 0 ? 0 : ordinal;
        var answer = farm.Explain(layer, ordinal);
        var reason = answer.Reasons[0];
        Assert.Equal((code, true), (reason.Code, reason.Text.Contains(text, StringComparison.Ordinal)).Or(reason.Text));
        if (layer.Waiting.Count > 0)
        {
            Assert.Equal(reason.Text, farm.Explain(layer).Reasons[0].Text);
        }

        mend();

        var after = farm.Explain(layer, ordinal);
        Assert.DoesNotContain(after.Reasons, other => other.Code == code && other.Text == reason.Text);
        farm.Pass();
        Assert.Equal(runs, layer.Frames[ordinal].State == FrameState.Running);
        return reason;
    }

    private static (ReasonCode Code, bool Says) Or(this (ReasonCode Code, bool Says) found, string text) =>
        found.Says ? found : throw new Xunit.Sdk.XunitException($"{found.Code} says: {text}");
}
