namespace ServerlessLoki.Nats.Setup;

/// <summary>Role of a process in a cluster, with rights of its own.</summary>
public enum ClusterRole
{
    /// <summary>A person: everything, such as models and status.</summary>
    Admin,

    /// <summary>Process that takes queries and runs.</summary>
    Ingress,

    /// <summary>Process that plans.</summary>
    Planner,

    /// <summary>Process of the command <c>loki cluster up</c>: ingress and planner.</summary>
    Up,

    /// <summary>Process that runs models.</summary>
    Worker,
}
