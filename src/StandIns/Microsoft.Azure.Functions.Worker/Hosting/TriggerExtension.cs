using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>What a stand-in brings to the host for its triggers. Found through the assembly of the trigger's attribute.</summary>
internal abstract class TriggerExtension
{
    /// <summary>Adds the listeners of these functions as hosted services.</summary>
    public abstract void Configure(IServiceCollection services, IReadOnlyList<FunctionMethod> functions);

    /// <summary>Adds endpoints.</summary>
    public virtual void Map(WebApplication app)
    {
    }

    public static TriggerExtension Of(Type trigger) =>
        trigger.Assembly.GetCustomAttribute<TriggerExtensionAttribute>() is { } attribute
            ? attribute.Instance
            : throw new NotSupportedException($"The in-process host does not know [{trigger.Name}].");
}

/// <summary>Names an assembly's <see cref="TriggerExtension"/>.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class TriggerExtensionAttribute(Type type) : Attribute
{
    public TriggerExtension Instance => (TriggerExtension)Activator.CreateInstance(type)!;
}
