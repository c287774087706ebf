using System.Collections.Immutable;
using System.Text;
using ServerlessLoki.Nats.Connection;

namespace ServerlessLoki.Nats.Setup;

/// <summary>Subjects that each role may publish to and subscribe to; all others are denied.</summary>
/// <remarks>The user's name is the role's, in small letters: it is part of the subjects of replies, which keeps roles from reading each other's
/// replies.</remarks>
public static class RolePermissions
{
    /// <summary>Returns what a role may publish to.</summary>
    /// <param name="role">Role.</param>
    /// <param name="prefix">See <see cref="NatsOptions.Prefix"/>.</param>
    public static ImmutableArray<string> Publish(ClusterRole role, string prefix)
    {
        var p = new Subjects(new NatsNames(prefix));
        return role switch
        {
            ClusterRole.Admin => [">"],
            ClusterRole.Ingress => [.. Ingress(p)],
            ClusterRole.Planner => [.. Planner(p)],
            ClusterRole.Up => [.. Ingress(p).Concat(Planner(p)).Distinct(StringComparer.Ordinal)],
            ClusterRole.Worker => [.. Worker(p)],
            _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Admin, Ingress, Planner, Up or Worker."),
        };
    }

    /// <summary>Returns what a role may subscribe to.</summary>
    /// <param name="role">Role.</param>
    /// <param name="prefix">See <see cref="NatsOptions.Prefix"/>.</param>
    public static ImmutableArray<string> Subscribe(ClusterRole role, string prefix)
    {
        var inbox = $"{new NatsNames(prefix).Inbox(User(role))}.>";
        return role switch
        {
            ClusterRole.Admin => [">"],
            ClusterRole.Ingress or ClusterRole.Up => [inbox, $"{prefix}.reply.>"],
            _ => [inbox],
        };
    }

    /// <summary>Returns the name of a role's user.</summary>
    public static string User(ClusterRole role) => role.ToString().ToLowerInvariant();

    /// <summary>Writes the part <c>authorization</c> of a configuration of <c>nats-server</c>, with a user per role.</summary>
    /// <param name="prefix">See <see cref="NatsOptions.Prefix"/>.</param>
    /// <param name="password">Password of each role: a bcrypt hash (<c>nats server passwd</c>), or <c>$NAME</c> for a variable of the
    /// server's environment.</param>
    public static string ServerConfiguration(string prefix, Func<ClusterRole, string> password)
    {
        ArgumentNullException.ThrowIfNull(password);
        var text = new StringBuilder("authorization {\n  users = [\n");
        foreach (var role in Enum.GetValues<ClusterRole>())
        {
            text.Append($"    {{ user: \"{User(role)}\", password: {password(role)}, permissions: {{\n");
            text.Append($"      publish: {{ allow: [{List(Publish(role, prefix))}] }}\n");
            text.Append($"      subscribe: {{ allow: [{List(Subscribe(role, prefix))}] }}\n");
            // A reader of replies confirms each, to a subject that only its sender knows.
            if (role is ClusterRole.Ingress or ClusterRole.Up)
                text.Append("      allow_responses: { max: 1, expires: \"1m\" }\n");
            text.Append("    } }\n");
        }

        return text.Append("  ]\n}\n").ToString();

        static string List(IEnumerable<string> subjects) => string.Join(", ", subjects.Select(s => $"\"{s}\""));
    }

    private static IEnumerable<string> Ingress(Subjects p) =>
    [
        .. p.Read("documents"), .. p.Read("samples"), .. p.Read("leases"), .. p.Read("runs"), .. p.Objects("payloads", writes: true), .. p.Objects("objects", writes: true),
        .. p.Objects("models", writes: false), p.Key("samples", "demand.>"), p.Key("leases", "run.>"), p.Key("runs", ">"),
        p.Api("STREAM.MSG.DELETE.KV_", "runs"), p.Api("STREAM.PURGE.KV_", "runs"), p.Api("STREAM.CREATE.KV_", "runs"), p.Api("STREAM.CREATE.KV_", "samples"), p.Api("STREAM.CREATE.KV_", "leases"),
        .. p.Send(),
    ];

    private static IEnumerable<string> Planner(Subjects p) =>
    [
        .. p.Read("documents"), .. p.Read("samples"), .. p.Read("leases"), .. p.Objects("objects", writes: true), .. p.Objects("models", writes: false),
        p.Key("documents", ">"), p.Key("leases", "planner.>"), p.Api("STREAM.PURGE.KV_", "samples"),
        p.Api("STREAM.CREATE.KV_", "documents"), p.Api("STREAM.CREATE.KV_", "samples"), p.Api("STREAM.CREATE.KV_", "leases"), .. p.Queues(), .. p.RetireQueues(),
    ];

    private static IEnumerable<string> Worker(Subjects p) =>
    [
        .. p.Read("documents"), .. p.Read("samples"), .. p.Read("leases"), .. p.Objects("payloads", writes: true), .. p.Objects("objects", writes: false), .. p.Objects("models", writes: false),
        p.Key("documents", "models"), p.Key("documents", "profiles.>"), p.Key("samples", "workers.>"), p.Key("leases", "worker.>"), p.Key("leases", "place.>"), p.Key("leases", "sweep.>"),
        p.Api("STREAM.CREATE.KV_", "samples"), p.Api("STREAM.CREATE.KV_", "leases"), .. p.Queues(), .. p.Take(), .. p.Send(), p.Reply,
    ];

    private sealed class Subjects(NatsNames names)
    {
        private static readonly string[] s_kinds = ["express", "durable"];

        public string Reply => $"{names.Prefix}.reply.>";

        /// <summary>A key of a bucket.</summary>
        public string Key(string bucket, string key) => $"$KV.{names.Bucket(bucket)}.{key}";

        /// <summary>A call about one stream.</summary>
        public string Api(string call, string bucket) => $"$JS.API.{call}{names.Bucket(bucket)}";

        /// <summary>What reading a bucket needs.</summary>
        public IEnumerable<string> Read(string bucket) =>
        [
            Api("STREAM.INFO.KV_", bucket), Api("DIRECT.GET.KV_", bucket), Api("DIRECT.GET.KV_", bucket) + ".>", Api("CONSUMER.CREATE.KV_", bucket) + ".>",
            Api("CONSUMER.MSG.NEXT.KV_", bucket) + ".>", Api("CONSUMER.DELETE.KV_", bucket) + ".>",
        ];

        /// <summary>What a bucket of objects needs.</summary>
        public string[] Objects(string bucket, bool writes)
        {
            string[] read =
            [
                Api("STREAM.INFO.OBJ_", bucket), Api("STREAM.MSG.GET.OBJ_", bucket), Api("DIRECT.GET.OBJ_", bucket), Api("DIRECT.GET.OBJ_", bucket) + ".>", Api("CONSUMER.CREATE.OBJ_", bucket),
                Api("CONSUMER.CREATE.OBJ_", bucket) + ".>", Api("CONSUMER.DELETE.OBJ_", bucket) + ".>", $"$JS.FC.OBJ_{names.Bucket(bucket)}.>",
            ];
            return writes ? [.. read, $"$O.{names.Bucket(bucket)}.>", Api("STREAM.CREATE.OBJ_", bucket), Api("STREAM.PURGE.OBJ_", bucket)] : read;
        }

        /// <summary>What making queues needs.</summary>
        public IEnumerable<string> Queues() =>
        [
            .. s_kinds.SelectMany(k => (string[])[Api("STREAM.CREATE.", k), Api("CONSUMER.CREATE.", k) + ".>", Api("CONSUMER.INFO.", k) + ".>"]), Api("STREAM.CREATE.", "dead"),
        ];

        /// <summary>What deleting queues needs.</summary>
        public IEnumerable<string> RetireQueues() => s_kinds.SelectMany(k => (string[])[Api("CONSUMER.LIST.", k), Api("CONSUMER.DELETE.", k) + ".>"]);

        /// <summary>What sending to queues needs.</summary>
        public IEnumerable<string> Send() => [$"{names.Prefix}.stage.>", .. s_kinds.Select(k => Api("STREAM.CREATE.", k))];

        /// <summary>What taking from queues needs.</summary>
        public IEnumerable<string> Take() =>
        [
            .. s_kinds.SelectMany(k => (string[])[Api("CONSUMER.MSG.NEXT.", k) + ".>", $"$JS.ACK.{names.Bucket(k)}.>"]), $"{names.Prefix}.dead.>",
        ];
    }
}
