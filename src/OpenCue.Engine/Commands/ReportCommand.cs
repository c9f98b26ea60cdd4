using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine.Commands;

/// <summary>A report for whose outcome nobody waits. While it waits, a later one may take its place.</summary>
internal sealed class ReportCommand(ReportKey key, ReportKind kind, Actor actor, string name, Action<FarmEdit> command)
    : Command(CommandClass.Report, actor, name)
{
    private Action<FarmEdit> _command = command;

    public ReportKey Key { get; } = key;

    public ReportKind Kind { get; } = kind;

    /// <summary>Takes the place of this one. Only while a queue holds it, under the queue's lock.</summary>
    public void BecomeLatest(ReportCommand later) => (_command, Actor, Name) = (later._command, later.Actor, later.Name);

    public override void Apply(FarmEdit edit) => _command(edit);

    public override void Refuse(Exception refusal)
    {
    }

    public override void Answer()
    {
    }

    protected override void Forget()
    {
    }
}
