namespace OpenCue.Simulator.Faults.Agents;

/// <summary>Which agent a simulated host has.</summary>
internal enum SimAgentKind
{
    /// <summary>Ours: a journal, boot ids, run ids.</summary>
    Ours,

    /// <summary>OpenCue's in Python.</summary>
    Python,

    /// <summary>OpenCue's in Rust.</summary>
    Rust,
}
