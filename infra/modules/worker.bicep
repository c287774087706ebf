// The workers of one kind of device. They have no ingress: they take work from queues, and nobody can call them.
import { deviceKind, tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Name of the container app.')
@maxLength(32)
param name string

@description('Kind of device.')
param device deviceKind

@description('Environment that it runs in.')
param environmentId string

@description('Identity of the code.')
param workerIdentityName string

@description('Identity with which the platform pulls images and reads queue lengths.')
param platformIdentityName string

@description('Name of the container registry.')
param registryName string

@description('Name of the storage account.')
param storageName string

@description('Container of models, pipeline files and profiles.')
param modelsContainer string

@description('Container of payloads.')
param payloadContainer string

@description('Name of the Service Bus namespace.')
param serviceBusName string

@description('Name of the Application Insights component.')
param componentName string

// Longer than the longest batch and the hand-back of what is locked; the worker stops ten seconds before the platform ends it.
var graceSeconds = 120

// Before the first deployment there is nothing of ours to run: no replica is started, and the planner raises the count afterwards.
var deployed = !empty(device.image)
var placeholder = 'mcr.microsoft.com/azuredocs/containerapps-helloworld:latest'

resource workerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: workerIdentityName
}

resource platformIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: platformIdentityName
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {
  name: registryName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageName
}

resource serviceBus 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: serviceBusName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

var settings = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${workerIdentity.properties.clientId};Authorization=AAD'
  APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
  AZURE_CLIENT_ID: workerIdentity.properties.clientId
  Loki__BlobServiceUri: storage.properties.primaryEndpoints.blob
  Loki__Device: device.name
  Loki__DrainSeconds: string(graceSeconds - 10)
  Loki__ModelCache: '/models'
  Loki__ModelsContainer: modelsContainer
  Loki__PayloadContainer: payloadContainer
  Loki__Slots: string(device.slots)
  Loki__TableServiceUri: storage.properties.primaryEndpoints.table
  ServiceBus__fullyQualifiedNamespace: replace(
    replace(serviceBus.properties.serviceBusEndpoint, 'https://', ''),
    ':443/',
    ''
  )
}

resource app 'Microsoft.App/containerApps@2026-01-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'worker-${device.name}' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${workerIdentity.id}': {}
      '${platformIdentity.id}': {}
    }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: device.workloadProfile
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5
      registries: [
        {
          server: registry.properties.loginServer
          identity: platformIdentity.id
        }
      ]
      identitySettings: [
        {
          identity: workerIdentity.id
          lifecycle: 'Main'
        }
        {
          identity: platformIdentity.id
          lifecycle: 'None'
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: graceSeconds
      containers: [
        {
          name: 'worker'
          image: deployed ? device.image : placeholder
          resources: {
            cpu: json(device.cpu)
            memory: device.memory
          }
          env: map(items(settings), setting => { name: setting.key, value: setting.value })
          volumeMounts: [
            {
              volumeName: 'models'
              mountPath: '/models'
            }
          ]
          probes: [
            {
              // A GPU image loads the CUDA libraries and warms models before it is ready: up to five minutes.
              type: 'Startup'
              httpGet: {
                path: '/healthz/live'
                port: 8080
              }
              periodSeconds: 10
              failureThreshold: 30
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/healthz/live'
                port: 8080
              }
              periodSeconds: 10
              failureThreshold: 6
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/healthz/ready'
                port: 8080
              }
              periodSeconds: 5
              failureThreshold: 3
            }
          ]
        }
      ]
      volumes: [
        {
          name: 'models'
          storageType: 'EmptyDir'
        }
      ]
      scale: {
        minReplicas: deployed ? device.minReplicas : 0
        maxReplicas: device.maxReplicas
        pollingInterval: 30
        cooldownPeriod: 300
        // The planner sets the count by the second; this rule only keeps one replica for what is in demand when it cannot. The app
        // signals demand in a queue of its own, because stage queues come and go with plans.
        rules: [
          {
            name: 'demand'
            custom: {
              type: 'azure-servicebus'
              identity: platformIdentity.id
              metadata: {
                namespace: serviceBus.name
                queueName: 'demand-${device.name}'
                messageCount: '1000'
              }
            }
          }
        ]
      }
    }
  }
}

@description('Resource id of the container app, which the planner scales.')
output id string = app.id
