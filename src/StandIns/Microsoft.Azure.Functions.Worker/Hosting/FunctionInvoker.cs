using System.Reflection;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Calls a function: an instance of its class from a scope of its own, its parameters from trigger, bindings and names.</summary>
internal sealed class FunctionInvoker(IServiceScopeFactory scopes, IEnumerable<IInputBinding> inputs)
{
    private readonly IInputBinding[] _inputs = [.. inputs];

    /// <summary>Calls and waits.</summary>
    /// <param name="function">The function.</param>
    /// <param name="trigger">The trigger parameter's value.</param>
    /// <param name="named">Values for parameters by name, for example from the route; null = none.</param>
    /// <param name="cancellationToken">For a parameter of that type.</param>
    /// <returns>What the function's task or the function itself returned; null for none.</returns>
    public async Task<object?> InvokeAsync(
        FunctionMethod function, object? trigger, IReadOnlyDictionary<string, object?>? named, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope)
        {
            var method = function.Method;
            var arguments = method.GetParameters().Select(p => Argument(function, p, trigger, named, cancellationToken)).ToArray();
            var instance = method.IsStatic ? null : ActivatorUtilities.CreateInstance(scope.ServiceProvider, method.DeclaringType!);
            return await ResultAsync(method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, arguments, null));
        }
    }

    private object? Argument(
        FunctionMethod function, ParameterInfo parameter, object? trigger, IReadOnlyDictionary<string, object?>? named, CancellationToken cancellationToken)
    {
        if (parameter.Position == function.TriggerParameter.Position)
            return trigger;
        if (parameter.ParameterType == typeof(CancellationToken))
            return cancellationToken;
        if (parameter.GetCustomAttribute<InputBindingAttribute>() is { } attribute)
        {
            return _inputs.FirstOrDefault(i => i.Attribute == attribute.GetType())?.Value
                ?? throw new NotSupportedException($"The in-process host has nothing for [{attribute.GetType().Name}] of function '{function.Name}'.");
        }

        if (named is not null && named.TryGetValue(parameter.Name!, out var value))
            return value;
        return parameter.HasDefaultValue
            ? parameter.DefaultValue
            : throw new NotSupportedException($"The in-process host cannot bind parameter '{parameter.Name}' of function '{function.Name}'.");
    }

    /// <summary>Awaits what a function returned.</summary>
    public static async Task<object?> ResultAsync(object? returned)
    {
        if (returned is not Task task)
            return returned;
        await task;
        var type = task.GetType();
        while (type is not null && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>)))
            type = type.BaseType;
        // An async method without a result is a task of an internal marker type.
        return type is null || type.GetGenericArguments()[0].Name == "VoidTaskResult" ? null : type.GetProperty("Result")!.GetValue(task);
    }
}
