using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine.Commands;

/// <summary>A command with a caller who waits for its result.</summary>
internal sealed class CallerCommand<TResult>(
    CommandClass commandClass, Actor actor, string name, Func<FarmEdit, TResult> command, TaskCreationOptions continuations)
    : Command(commandClass, actor, name)
{
    private readonly TaskCompletionSource<TResult> _caller = new(continuations);
    private CancellationTokenRegistration _deadline;
    private TResult _result = default!; // Set by Apply before anybody reads it.
    private Exception? _refusal;

    /// <summary>What the caller waits for.</summary>
    public Task<TResult> Answered => _caller.Task;

    /// <summary>
    /// Lets the caller go when <paramref name="cancel"/> fires. To be called before the command is queued.
    /// </summary>
    /// <param name="abandoned">
    /// Called then; its argument is true if the command was applied already. Returns what to tell the caller, or null for "cancelled".
    /// </param>
    /// <param name="cancel">The caller's deadline.</param>
    public void GiveUpOn(Func<Command, bool, Exception?> abandoned, CancellationToken cancel)
    {
        if (cancel.CanBeCanceled)
        {
            _deadline = cancel.UnsafeRegister(
                (_, token) =>
                {
                    var reason = abandoned(this, !TryAbandon());
                    if (reason is null)
                    {
                        _caller.TrySetCanceled(token);
                    }
                    else
                    {
                        _caller.TrySetException(reason);
                    }
                },
                null);
        }
    }

    public override void Apply(FarmEdit edit) => _result = command(edit);

    public override void Refuse(Exception refusal) => _refusal = refusal;

    public override void Answer()
    {
        _deadline.Unregister();
        if (_refusal is null)
        {
            _caller.TrySetResult(_result);
        }
        else
        {
            _caller.TrySetException(_refusal);
        }
    }

    protected override void Forget()
    {
        _result = default!;
        _refusal = null;
    }
}
