using System.Reflection;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessLoki.Functions.Tests;

/// <summary>What is built in: the packages, or what stands in for them. Their assemblies say so themselves.</summary>
internal static class StandIn
{
    /// <summary>Skips where the app cannot run in this process: the packages' worker waits for the Functions host to call it.</summary>
    public static void NeedHost()
    {
        foreach (var type in (Type[])[typeof(FunctionAttribute), typeof(HttpTriggerAttribute), typeof(TimerTriggerAttribute), typeof(ServiceBusTriggerAttribute), typeof(DurableClientAttribute), typeof(ServiceBusClient)])
        {
            if (!Is(type))
                Assert.Skip($"This test runs the app on the in-process host; here the real package {type.Assembly.GetName().Name} is built in.");
        }
    }

    private static bool Is(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyDescriptionAttribute>()?.Description.StartsWith("Stand-in ", StringComparison.Ordinal) == true;
}
