using ServerlessLoki.Validation;

namespace ServerlessLoki.Nats.Connection;

/// <summary>Credentials by which a process proves its role to the server, and the files for TLS.</summary>
public sealed record NatsCredentials
{
    /// <summary>User name; null where there is none.</summary>
    public string? User { get; init; }

    /// <summary>Password of <see cref="User"/>.</summary>
    public string? Password { get; init; }

    /// <summary>File with an NKey seed; null where there is none.</summary>
    public string? NKeyFile { get; init; }

    /// <summary>File with a JWT and its seed (<c>.creds</c>); null where there is none.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>File of the certificate authority that signed the server's certificate; null = those of the machine.</summary>
    public string? CaFile { get; init; }

    /// <summary>File of the certificate of this process, where the server asks for one.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>File of the certificate's key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Lists all faults: more than one kind of credentials, halves of pairs, files that are not there.</summary>
    /// <param name="path">Place of these options in larger ones.</param>
    public IReadOnlyList<Fault> Faults(string path = "")
    {
        var check = new OptionCheck(path);
        var kinds = new[] { User, NKeyFile, CredentialsFile }.Count(static k => k is not null);
        check.Require(kinds <= 1, $"{kinds} kinds", "one of user, NKey file and credentials file", nameof(User));
        check.Require(User is null == Password is null, User is null ? "a password only" : "a user only", "both user and password, or none", nameof(Password));
        check.Require(CertificateFile is null == KeyFile is null, "one of the two", "both certificate and key, or none", nameof(CertificateFile));
        Exists(NKeyFile, nameof(NKeyFile));
        Exists(CredentialsFile, nameof(CredentialsFile));
        Exists(CaFile, nameof(CaFile));
        Exists(CertificateFile, nameof(CertificateFile));
        Exists(KeyFile, nameof(KeyFile));
        return check.Faults;

        void Exists(string? file, string name) => check.Require(file is null || File.Exists(file), file, "a file that is there", name);
    }
}
