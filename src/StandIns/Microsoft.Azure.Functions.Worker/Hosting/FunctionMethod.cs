using System.Reflection;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>One function: a method with its trigger.</summary>
internal sealed record FunctionMethod(string Name, MethodInfo Method, ParameterInfo TriggerParameter, TriggerBindingAttribute Trigger)
{
    /// <summary>The functions of an assembly, less those that host.json's <c>functions</c> leaves out and those that are disabled.</summary>
    /// <exception cref="InvalidOperationException">Functions without exactly one trigger, or two of one name.</exception>
    public static IReadOnlyList<FunctionMethod> Of(Assembly assembly, AppSettings settings)
    {
        var only = settings.ListOfHost("functions");
        var found = new Dictionary<string, FunctionMethod>(StringComparer.OrdinalIgnoreCase);
        foreach (var method in assembly.GetTypes().SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is not { } function)
                continue;
            if (only.Count > 0 && !only.Contains(function.Name, StringComparer.OrdinalIgnoreCase))
                continue;
            if (bool.TryParse(settings.Find($"AzureWebJobs.{function.Name}.Disabled"), out var disabled) && disabled)
                continue;
            var triggers = method.GetParameters().Where(p => p.GetCustomAttributes<TriggerBindingAttribute>().Any()).ToArray();
            if (triggers.Length != 1)
                throw new InvalidOperationException($"Function '{function.Name}' has {triggers.Length} triggers; a function has one.");
            var one = new FunctionMethod(function.Name, method, triggers[0], triggers[0].GetCustomAttribute<TriggerBindingAttribute>()!);
            if (!found.TryAdd(function.Name, one))
                throw new InvalidOperationException($"Two functions are named '{function.Name}'.");
        }

        return [.. found.Values];
    }
}
