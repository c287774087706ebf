using System.Reflection;
using System.Reflection.Emit;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Durable;

/// <summary>Emitter of the class that the WebJobs host takes for its functions. The engine finds orchestrators and activities by attributes
/// of methods, and they are known only after the worker has listed them.</summary>
internal static class DurableMethods
{
    /// <summary>Prefix of the names of functions that belong to this host.</summary>
    public const string ClientPrefix = "Host_durable_client_";
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.NonPublic;
    private static readonly ConstructorInfo FunctionName = typeof(FunctionNameAttribute).GetConstructor([typeof(string)])!;

    /// <summary>Emits a class with a method for each durable function and for each kind of client.</summary>
    public static Type Emit(IEnumerable<FunctionInfo> functions)
    {
        var all = functions.ToList();
        var type = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("DurableFunctions"), AssemblyBuilderAccess.Run)
            .DefineDynamicModule("DurableFunctions")
            .DefineType("DurableFunctions", TypeAttributes.Public | TypeAttributes.Sealed, typeof(DurableFunctions));
        EmitConstructor(type);
        foreach (var function in all)
        {
            if (function.Trigger.Is("orchestrationTrigger"))
                EmitCall(type, function, typeof(OrchestrationTriggerAttribute), nameof(OrchestrationTriggerAttribute.Orchestration), "CallAsync", typeof(Task<string?>));
            else if (function.Trigger.Is("entityTrigger"))
                EmitCall(type, function, typeof(EntityTriggerAttribute), nameof(EntityTriggerAttribute.EntityName), "CallAsync", typeof(Task<string?>));
            else if (function.Trigger.Is("activityTrigger"))
                EmitCall(type, function, typeof(ActivityTriggerAttribute), nameof(ActivityTriggerAttribute.Activity), "CallActivityAsync", typeof(Task<object?>));
        }

        foreach (var client in all.SelectMany(static f => f.DurableClients).DistinctBy(ClientMethod))
            EmitKeep(type, client);
        return type.CreateType();
    }

    /// <summary>Returns the name of the method that stores the data of a client of this binding.</summary>
    public static string ClientMethod(FunctionBinding client) => ClientPrefix + $"{client.Text("taskHub")}_{client.Text("connectionName")}";

    private static void EmitConstructor(TypeBuilder type)
    {
        var il = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, [typeof(DurableContext)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Call, typeof(DurableFunctions).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, [typeof(DurableContext)])!);
        il.Emit(OpCodes.Ret);
    }

    // Task<…> NAME([…Trigger(… = "NAME")] string value, CancellationToken cancellationToken) => CallAsync("NAME", value, cancellationToken);
    private static void EmitCall(TypeBuilder type, FunctionInfo function, Type trigger, string nameProperty, string call, Type returns)
    {
        var method = type.DefineMethod(function.Name, MethodAttributes.Public, returns, [typeof(string), typeof(CancellationToken)]);
        method.SetCustomAttribute(new CustomAttributeBuilder(FunctionName, [function.Name]));
        // A function may have another name for the engine than for the host.
        var name = function.Trigger.Text(char.ToLowerInvariant(nameProperty[0]) + nameProperty[1..]) ?? function.Name;
        method.DefineParameter(1, ParameterAttributes.None, function.Trigger.Name)
            .SetCustomAttribute(new CustomAttributeBuilder(trigger.GetConstructor([])!, [], [trigger.GetProperty(nameProperty)!], [name]));
        method.DefineParameter(2, ParameterAttributes.None, "cancellationToken");
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldstr, function.Name);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, typeof(DurableFunctions).GetMethod(call, Instance)!);
        il.Emit(OpCodes.Ret);
    }

    // void NAME([DurableClient(…)] string client) => Keep("NAME", client);
    private static void EmitKeep(TypeBuilder type, FunctionBinding client)
    {
        var name = ClientMethod(client);
        var method = type.DefineMethod(name, MethodAttributes.Public, typeof(void), [typeof(string)]);
        method.SetCustomAttribute(new CustomAttributeBuilder(typeof(NoAutomaticTriggerAttribute).GetConstructor([])!, []));
        var attribute = typeof(DurableClientAttribute);
        method.DefineParameter(1, ParameterAttributes.None, "client").SetCustomAttribute(new CustomAttributeBuilder(
            attribute.GetConstructor([])!, [],
            [attribute.GetProperty(nameof(DurableClientAttribute.TaskHub))!, attribute.GetProperty(nameof(DurableClientAttribute.ConnectionName))!],
            [client.Text("taskHub"), client.Text("connectionName")]));
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldstr, name);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Call, typeof(DurableFunctions).GetMethod("Keep", Instance)!);
        il.Emit(OpCodes.Ret);
    }
}
