using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>Stands on a generated service base class and says which static method binds the service.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class BindServiceMethodAttribute : Attribute
{
    // What a build that leaves out unused code must keep of the class: the method, and the service's descriptor.
    private const DynamicallyAccessedMemberTypes Needed =
        DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods
        | DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.NonPublicProperties;

    /// <summary>Names the method.</summary>
    /// <param name="bindType">The class that has it.</param>
    /// <param name="bindMethodName">Its name; it takes a <see cref="ServiceBinderBase"/> and the service.</param>
    public BindServiceMethodAttribute([DynamicallyAccessedMembers(Needed)] Type bindType, string bindMethodName)
    {
        BindType = bindType;
        BindMethodName = bindMethodName;
    }

    /// <summary>The class that has the method.</summary>
    [DynamicallyAccessedMembers(Needed)]
    public Type BindType { get; }

    /// <summary>The name of the method.</summary>
    public string BindMethodName { get; }
}
