using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>Follows calls through the compiled code of the product and finds where a lock may be taken.</summary>
/// <remarks>Calls of our own virtual methods lead to all of their implementations, and calls that make an async method to its steps. Calls
/// through delegates are not followed: name what they lead to as a start.</remarks>
internal sealed class LockScan(Func<MethodBase, bool> isEnd)
{
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value);

    private static readonly (Type Type, string[] Methods)[] Locks =
    [
        (typeof(Monitor), ["Enter", "TryEnter", "Wait"]), (typeof(Lock), ["Enter", "EnterScope", "TryEnter"]), (typeof(SemaphoreSlim), ["Wait", "WaitAsync", "Release"]),
        (typeof(ReaderWriterLockSlim), ["EnterReadLock", "EnterWriteLock", "EnterUpgradeableReadLock"]), (typeof(BlockingCollection<>), ["Add", "TryAdd", "Take"]),
        (typeof(ConcurrentBag<>), ["Add", "TryTake"]), (typeof(ConcurrentQueue<>), ["Enqueue"]), (typeof(ChannelWriter<>), ["TryWrite", "WriteAsync"]),
        (typeof(ConcurrentDictionary<,>), ["set_Item", "TryAdd", "GetOrAdd", "AddOrUpdate", "TryRemove", "Clear", "get_Count", "get_Values", "get_Keys"]),
        (typeof(System.Buffers.ArrayPool<>), ["Rent", "Return"]),
    ];

    private readonly Dictionary<MethodBase, MethodBase?> _callers = [];
    private readonly Queue<MethodBase> _next = new();
    private readonly List<Type> _ours = [.. AppDomain.CurrentDomain.GetAssemblies().Where(IsOurs).SelectMany(a => a.GetTypes())];

    /// <summary>Methods that were followed.</summary>
    public int Followed => _callers.Count;

    /// <summary>Ways to locks, each from the lock back to a start.</summary>
    public List<string> Find(params IEnumerable<MethodBase> starts)
    {
        var found = new List<string>();
        foreach (var start in starts)
            Follow(start, null);
        while (_next.TryDequeue(out var method))
        {
            foreach (var called in Calls(method))
            {
                if (IsLock(called))
                    found.Add($"{Name(called)} ← {Way(method)}");
                else if (called.DeclaringType is { } type && IsOurs(type.Assembly))
                    Reach(called, method);
            }
        }

        return found;
    }

    private void Reach(MethodBase called, MethodBase caller)
    {
        Follow(called, caller);
        if (called is not MethodInfo { IsVirtual: true } || called.DeclaringType is not { } declaring)
            return;
        foreach (var type in _ours.Where(t => t is { IsInterface: false, ContainsGenericParameters: false } && declaring.IsAssignableFrom(t)))
        {
            if (!declaring.IsInterface)
                Follow(type.GetMethod(called.Name, All, [.. called.GetParameters().Select(p => p.ParameterType)]), caller);
            else if (type.GetInterfaceMap(declaring) is var map && Array.IndexOf(map.InterfaceMethods, called) is var at and >= 0)
                Follow(map.TargetMethods[at], caller);
        }
    }

    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private void Follow(MethodBase? method, MethodBase? caller)
    {
        if (method is null || isEnd(method) || !_callers.TryAdd(method, caller))
            return;
        _next.Enqueue(method);
        if (method.GetCustomAttribute<StateMachineAttribute>() is { } machine)
        {
            var steps = machine.StateMachineType is { IsGenericTypeDefinition: true } open && method.IsGenericMethod ? open.MakeGenericType(method.GetGenericArguments()) : machine.StateMachineType;
            Follow(steps.GetMethod("MoveNext", All), method);
        }
    }

    private string Way(MethodBase? method)
    {
        var names = new List<string>();
        for (; method is not null; method = _callers[method])
            names.Add(Name(method));
        return string.Join(" ← ", names);
    }

    private static string Name(MethodBase method) => $"{method.DeclaringType?.Name}.{method.Name}";

    private static bool IsOurs(Assembly assembly) =>
        assembly.GetName().Name is { } name && name.StartsWith("ServerlessLoki", StringComparison.Ordinal) && !name.EndsWith("Tests", StringComparison.Ordinal)
        && !name.EndsWith("TestUtils", StringComparison.Ordinal);

    private static bool IsLock(MethodBase method)
    {
        var type = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericTypeDefinition() : method.DeclaringType;
        return Array.Exists(Locks, l => l.Type == type && l.Methods.Contains(method.Name));
    }

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == 0xFE ? Codes[(short)(0xFE00 | il[at + 1])] : Codes[il[at]];
            at += code.Size;
            if (code.OperandType == OperandType.InlineMethod && method.Module.ResolveMethod(BitConverter.ToInt32(il, at), typeArguments, arguments) is { } called)
                yield return called;
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }
}
