using System.Text;

namespace OpenCue.Simulator.Faults;

/// <summary>Says in words how simulations went.</summary>
internal static class FaultReport
{
    private const int LastLines = 60;

    /// <summary>What was run, what happened in it, and what broke.</summary>
    public static string Summary(Campaign campaign, string scenario, TimeSpan took)
    {
        var text = new StringBuilder();
        foreach (var (what, count) in campaign.Counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{count,12:N0}  {what}\n");
        }

        foreach (var failure in campaign.Failures.Take(20))
        {
            text.Append(CultureInfo.InvariantCulture, $"seed {failure.Plan.Seed} after {TimeSpan.FromMilliseconds(failure.EndedMs):c}: {failure.Broken}\n");
        }

        if (campaign.Failures.FirstOrDefault() is { } first)
        {
            var name = scenario == "random" ? "" : $" --scenario {scenario}";
            text.Append(CultureInfo.InvariantCulture, $"Again: cue-sim faults --first-seed {first.Plan.Seed} --seeds 1{name} --trace (or --shrink)\n");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"{campaign.Seeds} seeds ({scenario}), {campaign.Steps:N0} steps, {TimeSpan.FromMilliseconds(campaign.VirtualMs).TotalHours:N0} virtual hours in "
            + $"{took.TotalSeconds:0.0} s: {campaign.Failures.Count} failed\n");
        return text.ToString();
    }

    /// <summary>A failure that was shrunk: what is needed for it, and how it went.</summary>
    public static string Shrunk(ShrunkFailure shrunk)
    {
        var (plan, result) = (shrunk.Result.Plan, shrunk.Result);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"\nShrunk in {shrunk.Runs} runs, from {shrunk.Original.Actions.Count} actions to {plan.Actions.Count}:\n");
        text.Append(CultureInfo.InvariantCulture, $"  hosts: {string.Join(", ", plan.Hosts)}\n  network: {plan.Weather}\n");
        foreach (var action in plan.Actions)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {action}\n");
        }

        text.Append("The end of it:\n");
        foreach (var line in result.Lines.TakeLast(LastLines))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {line}\n");
        }

        var name = plan.Scenario == "random" ? "" : $" --scenario {plan.Scenario}";
        var numbers = plan.Actions.Select(a => shrunk.Original.Actions.ToList().IndexOf(a).ToString(CultureInfo.InvariantCulture));
        text.Append(
            CultureInfo.InvariantCulture,
            $"Again{(plan.Weather == shrunk.Original.Weather ? "" : " (with the first weather)")}: cue-sim faults --first-seed {plan.Seed} --seeds 1{name} --only {string.Join(',', numbers)} --trace\n");
        return text.ToString();
    }
}
