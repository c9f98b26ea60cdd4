namespace OpenCue.Specs.Launch;

/// <summary>The type of a layer; clients show it, and a post layer runs apart.</summary>
public enum LayerType
{
    /// <summary>Work before the render. OpenCue knows the type but its document types do not offer it.</summary>
    Pre = 0,

    /// <summary>Work that runs as a job of its own after the job has finished or was killed.</summary>
    Post = 1,

    /// <summary>The render itself.</summary>
    Render = 2,

    /// <summary>Any other work inside the job.</summary>
    Util = 3,
}
