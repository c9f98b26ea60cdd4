namespace OpenCue.Simulator.Faults.World;

/// <summary>What the network does to single messages, so many of a thousand.</summary>
/// <param name="Lost">Messages lost.</param>
/// <param name="AnswerLost">Answers lost.</param>
/// <param name="Late">Messages and answers that take long, and so are overtaken.</param>
/// <param name="Doubled">Messages that come twice.</param>
/// <param name="Broken">Calls whose connection breaks, so that nobody knows what became of them.</param>
internal sealed record Weather(int Lost, int AnswerLost, int Late, int Doubled, int Broken)
{
    /// <summary>Nothing goes wrong.</summary>
    public static Weather Fine { get; } = new(0, 0, 0, 0, 0);

    /// <inheritdoc/>
    public override string ToString() => this == Fine
        ? "nothing"
        : $"of 1000 messages {Lost} lost, {Late} late, {Doubled} doubled, {Broken} cut off, {AnswerLost} answers lost";
}
