namespace OpenCue.Farm.Runs;

/// <summary>Why a frame can't be booked in a place.</summary>
public enum BookingRefusal
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Its job is not active.</summary>
    JobNotPending,

    /// <summary>It is not WAITING.</summary>
    FrameNotWaiting,

    /// <summary>Its layer must not start yet.</summary>
    StartAfter,

    /// <summary>A limit of its layer is used up.</summary>
    Limit,

    /// <summary>A launch or kill of the frame is still open on that host, or an old run of it may live there.</summary>
    OpenCall,

    /// <summary>Launches failed on that host a moment ago.</summary>
    LaunchBackOff,

    /// <summary>The host has not that much room.</summary>
    HostRoom,

    /// <summary>The host has all the procs it may have.</summary>
    ProcCap,

    /// <summary>The place reserves less than the layer needs, or is not free.</summary>
    Place,

    /// <summary>The show has no subscription on the host's allocation.</summary>
    NoSubscription,

    /// <summary>The show's subscription would go over its burst.</summary>
    Burst,

    /// <summary>The group would go over its maximum.</summary>
    GroupMaximum,

    /// <summary>The job would go over its maximum.</summary>
    JobMaximum,

    /// <summary>The reservation has no cores or a negative amount.</summary>
    Reservation,
}
